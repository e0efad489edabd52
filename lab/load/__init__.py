"""Loads a server: opens connections, sends messages, counts deliveries."""
