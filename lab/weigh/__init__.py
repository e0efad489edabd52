"""Weighs messages: their bytes and the CPU time of compression, by codec and transport."""
