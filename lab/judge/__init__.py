"""Judges a server that is not the lab's: RFC 6455, Engine.IO 4, Socket.IO 5, and the lab's room."""
