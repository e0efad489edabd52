"""The libraries that join Socket.IO servers, as they come: transports for the nodes of a cluster.

They carry `join`, `leave`, `say` and `typing` by the library's own rooms and emits. They do not
have the room of docs/room.md: `lab.cluster.registry.LACKS` says what is missing.
"""
