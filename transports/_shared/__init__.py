"""The code that transports of every kind share."""
