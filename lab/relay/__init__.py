"""A TCP relay that captures bytes and shapes the network between a client and a server."""
