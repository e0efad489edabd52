"""Runs several nodes of a chat on this machine, what joins them, and a proxy before them.

`cluster.py` starts all of it and ends all of it. `proxies.py` writes the proxies' configurations,
`registry.py` lists the transports, `node.py` is the program that runs one node.
"""
