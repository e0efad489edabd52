"""Beside the wires: opening handshakes, right and wrong, said to every server byte by byte."""
