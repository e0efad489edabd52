"""The cases of the lab's own room (docs/room.md): for a server that carries it, in any language."""
