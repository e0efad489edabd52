"""Transport Lab: one chat room, many wires; measure the wires."""

__version__ = "0.1.0"
