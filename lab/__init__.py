"""Transport Lab: one chat room, many transports; measure the transports."""

__version__ = "0.1.0"
