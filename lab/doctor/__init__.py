"""Finds out what on this machine would disturb the figures of a run, and what helps."""
