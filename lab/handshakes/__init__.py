"""Sends right and wrong opening handshakes to every server, byte by byte, and reads the answers."""
