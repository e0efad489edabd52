"""Opens captured TLS 1.3 with the secrets that a client or a server of the lab has written down.

The relay is in front of TLS: it sees the records, their sizes and directions. Here each is opened,
so that the decoder gets the bytes inside, and the ledger the bytes that TLS adds.

    opening = Opening(secrets.get)
    for chunk in chunks: opening.feed(chunk)    # what is whole now, at any time
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lab.decode.sealed import SealedRecord
from lab.relay.capture import Chunk, Direction
from lab.tls.records import (
    ALERT,
    CHANGE_CIPHER_SPEC,
    DATA,
    FINISHED,
    HANDSHAKE,
    MESSAGES,
    Record,
    chosen_cipher,
    client_random,
    is_broken,
    messages,
    records,
    secrets_of,
)

IV_BYTES = 12
CIPHERS: dict[int, tuple[type[AESGCM] | type[ChaCha20Poly1305], int, hashes.HashAlgorithm]] = {
    0x1301: (AESGCM, 16, hashes.SHA256()),
    0x1302: (AESGCM, 32, hashes.SHA384()),
    0x1303: (ChaCha20Poly1305, 32, hashes.SHA256()),
}
"""Cipher suite (RFC 8446, B.4) -> cipher, bytes of its key, and hash."""
WAITING_BYTES_MAX = 64 << 10
"""So much of a direction waits for a secret that is not written down yet."""
NO_RECORD = "bytes that are no TLS record"
NO_KEY = "a TLS record without a key"


class Opened(msgspec.Struct, frozen=True):
    """What was inside TLS, as if it had been captured so, and the records that it was in."""

    chunks: list[Chunk]
    records: list[SealedRecord]


FindSecret = Callable[[tuple[str, bytes]], bytes | None]
"""Label and random of the client -> secret; None if it is not written down."""


def opened(chunks: Iterable[Chunk], key_log: str) -> Opened:
    """Open everything that was captured. A record that can't be opened says why."""
    opening, found = Opening(secrets_of(key_log).get), Opened([], [])
    connections = set()
    for chunk in chunks:
        connections.add(chunk.connection)
        _extend(found, opening.feed(chunk))
    for connection in connections:
        _extend(found, opening.ended(connection))
    found.chunks.sort(key=lambda chunk: chunk.at_ns)
    return found


def _extend(found: Opened, more: Opened) -> None:
    found.chunks.extend(more.chunks)
    found.records.extend(more.records)


class Opening:
    """Opens the connections of a relay while their bytes come."""

    def __init__(self, secret: FindSecret) -> None:
        self._secret = secret
        self._connections: dict[int, dict[Direction, _Stream]] = {}

    def feed(self, chunk: Chunk) -> Opened:
        """Take captured bytes. Returns the records that they completed, and what was inside."""
        if chunk.connection not in self._connections:
            agreed = _Agreed(self._secret)
            self._connections[chunk.connection] = {
                "up": _Stream(agreed, "CLIENT"),
                "down": _Stream(agreed, "SERVER"),
            }
        streams = self._connections[chunk.connection]
        streams[chunk.direction].add(chunk)
        found = Opened([], [])
        for stream in streams.values():  # the other one may have waited for its secret
            _extend(found, stream.read())
        return found

    def ended(self, connection: int) -> Opened:
        """The connection is over. Returns what is left of it."""
        found = Opened([], [])
        for stream in self._connections.pop(connection, {}).values():
            _extend(found, stream.end())
        return found


class _Agreed:
    """What both directions of a connection agree on in the hellos, and the secrets that follow."""

    def __init__(self, secret: FindSecret) -> None:
        self._secret = secret
        self._random: bytes | None = None
        self._suite: int | None = None

    def learn(self, record: Record) -> None:
        """Read a hello; any other record changes nothing."""
        self._random = client_random(record) or self._random
        self._suite = chosen_cipher(record) or self._suite

    def cipher(self, label: str) -> _Cipher | None:
        """The cipher with the secret of this label; None if the secret is not known."""
        if self._random is None or self._suite not in CIPHERS:
            return None
        secret = self._secret((label, self._random))
        return None if secret is None else _Cipher(secret, self._suite)


class _Cipher:
    """RFC 8446, sections 5.2, 5.3 and 7.3."""

    def __init__(self, secret: bytes, suite: int) -> None:
        kind, key_bytes, digest = CIPHERS[suite]
        self._aead = kind(_expanded(secret, b"key", key_bytes, digest))
        self._iv = int.from_bytes(_expanded(secret, b"iv", IV_BYTES, digest))
        self._sequence = 0

    def open(self, record: Record) -> bytes | None:
        nonce = (self._iv ^ self._sequence).to_bytes(IV_BYTES)
        self._sequence += 1
        try:
            inner = self._aead.decrypt(nonce, record.body, record.head)
        except InvalidTag:
            return None
        return inner.rstrip(b"\0")  # what follows the type is padding


def _expanded(secret: bytes, label: bytes, size: int, digest: hashes.HashAlgorithm) -> bytes:
    """HKDF-Expand-Label without a context (RFC 8446, section 7.1)."""
    name = b"tls13 " + label
    info = struct.pack("!HB", size, len(name)) + name + b"\0"
    return HKDFExpand(digest, size, info).derive(secret)


class _Stream:
    """One direction of one connection: the keys of the handshake, then those of the application."""

    def __init__(self, agreed: _Agreed, side: str) -> None:
        self._agreed = agreed
        self._labels = [f"{side}_HANDSHAKE_TRAFFIC_SECRET", f"{side}_TRAFFIC_SECRET_0"]
        self._cipher: _Cipher | None = None
        self._waiting = b""
        self._chunks: deque[tuple[int, Chunk]] = deque()
        self._came = 0
        self._finished = False
        self._waits = True
        self._at = 0
        self._found = Opened([], [])

    def add(self, chunk: Chunk) -> None:
        """Take bytes."""
        self._came += len(chunk.data)
        self._chunks.append((self._came, chunk))
        self._waiting += chunk.data
        # A server knows the client's secret only once it has read the client's Finished.
        self._waits = self._waits and len(self._waiting) < WAITING_BYTES_MAX

    def read(self) -> Opened:
        """Return what is whole, as far as its secrets are known or no longer awaited."""
        begun, taken = self._came - len(self._waiting), 0
        for record in records(self._waiting):
            self._agreed.learn(record)
            if record.kind == DATA and self._waits and self._current() is None:
                break
            last = self._chunk_at(begun + record.end - 1)
            self._take(record, self._chunk_at(begun + taken), last)
            taken = record.end
        self._waiting = self._waiting[taken:]
        if is_broken(self._waiting):
            self._give_up()
        return self._release()

    def end(self) -> Opened:
        """Return what is left: nothing more comes, and no secret is awaited."""
        self._waits = False
        found = self.read()
        self._give_up()
        _extend(found, self._release())
        return found

    def _give_up(self) -> None:
        """Take what waits as bytes that are no record."""
        if self._waiting:
            first = self._chunk_at(self._came - len(self._waiting))
            self._add(first, len(self._waiting), NO_RECORD)
            self._waiting = b""

    def _release(self) -> Opened:
        found, self._found = self._found, Opened([], [])
        begun = self._came - len(self._waiting)
        while self._chunks and self._chunks[0][0] <= begun:
            self._chunks.popleft()
        return found

    def _chunk_at(self, offset: int) -> Chunk:
        """The chunk that has this byte of the stream."""
        return next(chunk for end, chunk in self._chunks if offset < end)

    def _take(self, record: Record, first: Chunk, last: Chunk) -> None:
        size = len(record.head) + len(record.body)
        if record.kind == DATA:
            inner = self._open(record)
            if inner is None:
                self._add(first, size, NO_KEY)
                return
            kind, content = inner[-1], inner[:-1]
        else:
            kind, content = record.kind, record.body
        if kind == DATA:
            self._carry(last, content, size)
        else:
            self._add(first, size, f"TLS {_said(kind, content)}", handshake=not self._finished)
        if kind == HANDSHAKE and FINISHED in messages(content):
            self._finished, self._cipher = True, None
            del self._labels[:1]

    def _open(self, record: Record) -> bytes | None:
        """The content of a record, with its type as the last byte; None if it can't be opened."""
        cipher = self._current()
        return None if cipher is None else cipher.open(record)

    def _current(self) -> _Cipher | None:
        if self._cipher is None and self._labels:
            self._cipher = self._agreed.cipher(self._labels[0])
        return self._cipher

    def _carry(self, last: Chunk, content: bytes, size: int) -> None:
        # The application's bytes can be read when their record is whole.
        self._add(last, size, "TLS application data", carried=len(content))
        if content:
            self._found.chunks.append(msgspec.structs.replace(last, data=content))
        self._at += len(content)

    def _add(
        self,
        chunk: Chunk,
        size: int,
        says: str,
        *,
        carried: int = 0,
        handshake: bool = False,
    ) -> None:
        self._found.records.append(
            SealedRecord(
                chunk.connection,
                chunk.direction,
                chunk.at_ns,
                self._at,
                carried,
                size,
                says,
                handshake,
            )
        )


def _said(kind: int, content: bytes) -> str:
    if kind == HANDSHAKE:
        return ", ".join(_names(content))
    return {ALERT: "alert", CHANGE_CIPHER_SPEC: "ChangeCipherSpec"}.get(kind, f"type {kind}")


def _names(content: bytes) -> Iterator[str]:
    return (MESSAGES.get(each, f"handshake message {each}") for each in messages(content))
