"""What is measured, and with which clock, histogram and statistics."""
