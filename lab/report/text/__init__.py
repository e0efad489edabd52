"""Tables and sentences about a run, for the terminal and for Markdown."""
