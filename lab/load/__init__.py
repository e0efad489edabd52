"""The load: who connects, who says what when, and what is counted."""
