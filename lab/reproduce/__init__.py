"""Published tables, redone: what others printed, and what the lab measures in its place."""
