"""Read the header fields of HTTP/2: HPACK (RFC 7541), and what a message begins with.

HPACK is read with the library hpack, which comes with the extra `h2`. Without it, and after a block
that breaks it, no further block of that direction can be read: each refers to those before it.
"""

from __future__ import annotations

__pure__ = True

import h11

from lab.decode.http1 import Head

try:
    import hpack
except ImportError:  # pragma: no cover - the tests have it
    hpack = None  # type: ignore[assignment]

BLOCK_BYTES_MAX = 64 << 10
"""The longest header block that is read."""
FIELDS_BYTES_MAX = 256 << 10
"""The most that the fields of one block may take when they are decoded."""
TABLE_BYTES_MAX = 1 << 20
"""The largest table that an encoder may use; a connection agrees on its own bound below that."""

MISSING = "header fields are read with the library hpack: pip install 'transport-lab[h2]'"
DAMAGED = "the header block is damaged (RFC 7541 section 3.1)"
LOST = "the table of header fields was lost with an earlier block (RFC 7541 section 2.2)"
MALFORMED = "the header fields begin no message (RFC 9113 section 8.3)"

Fields = list[tuple[bytes, bytes]]


class HeaderBlocks:
    """Reads the header blocks of one direction, in their order."""

    def __init__(self) -> None:
        self._lost = "" if hpack else MISSING
        if hpack:
            self._decoder = hpack.Decoder(FIELDS_BYTES_MAX)
            self._decoder.max_allowed_table_size = TABLE_BYTES_MAX

    def read(self, block: bytes) -> Fields:
        """The fields of one block. Raises ValueError, with the reason."""
        if self._lost:
            raise ValueError(self._lost)
        try:
            return [
                (bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)
            ]
        except hpack.HPACKError as error:
            self._lost = LOST
            raise ValueError(DAMAGED) from error


def head_of(fields: Fields, *, request: bool) -> Head:
    """What a message begins with. Raises ValueError where these fields begin none."""
    pseudo = {name: value for name, value in fields if name.startswith(b":")}
    try:
        if request:
            # A CONNECT without `:protocol` has no path (section 8.5).
            target = pseudo.get(b":path") or pseudo[b":authority"]
            return h11.Request(
                method=pseudo[b":method"],
                target=target,
                headers=fields,
                http_version=b"2",
                _parsed=True,
            )
        status = int(pseudo[b":status"])
        kind = h11.InformationalResponse if status < 200 else h11.Response
        return kind(status_code=status, headers=fields, http_version=b"2", _parsed=True)
    except (KeyError, ValueError, h11.ProtocolError) as error:
        raise ValueError(MALFORMED) from error
