"""The pictures of a run, as matplotlib figures."""
