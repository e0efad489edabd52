"""Masks secrets in captured bytes, without changing any length.

The frames of a WebSocket client are masked with a key that they carry (RFC 6455 section 5.3). So a
secret is looked for in the unmasked bytes, and the masked byte is changed instead. What is
compressed can't be searched: a client that sends secrets offers no compression.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lab.decode.decode import decode
from lab.decode.tree import Connection, Direction
from lab.ledger.show import cleared
from lab.relay.capture import Chunk
from lab.target.secret_values import Secrets


def redact(chunks: Iterable[Chunk], secrets: Secrets) -> list[Chunk]:
    """The chunks with every revealed secret as asterisks, also where one spans two chunks."""
    chunks = list(chunks)
    if not secrets.revealed:
        return chunks
    masked = {
        (connection.connection, direction): memoryview(_masked(connection, direction, secrets))
        for connection in decode(chunks).connections
        for direction in ("up", "down")
    }
    found = []
    for chunk in chunks:
        key = (chunk.connection, chunk.direction)
        data, masked[key] = masked[key][: len(chunk.data)], masked[key][len(chunk.data) :]
        found.append(msgspec.structs.replace(chunk, data=bytes(data)))
    return found


def _masked(connection: Connection, direction: Direction, secrets: Secrets) -> bytes:
    wire = connection.bytes_of(direction)
    clear = cleared(wire, connection.up if direction == "up" else connection.down)
    hidden = secrets.mask_bytes(clear)
    if hidden == clear:
        return wire
    return bytes(a ^ b ^ c for a, b, c in zip(wire, clear, hidden, strict=True))
