"""Repeats published measurements: what others printed, and what the lab measures."""
