"""One stream of entries a room in a Redis server, which orders what several nodes append.

`room` is what a node makes of a stream. `scripts` is what Redis decides by itself: the index of the
rooms, who is in which, and the leases of the nodes. `claim` takes a node's place when it starts;
`backplane` is what a node asks of Redis while it serves.
"""
