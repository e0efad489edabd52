"""What a report shows, derived from a run; no rendering."""
