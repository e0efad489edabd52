"""TLS records in a captured stream, and which secrets open them (RFC 8446)."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator, Mapping

import msgspec

HEAD_BYTES = 5
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
"""Section 5.1: the types of content."""
MOST_BYTES = 2**14 + 256
"""Section 5.2: the longest encrypted record."""
CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, FINISHED = 1, 2, 4, 20
MESSAGES = {
    1: "ClientHello",
    2: "ServerHello",
    4: "NewSessionTicket",
    8: "EncryptedExtensions",
    11: "Certificate",
    15: "CertificateVerify",
    20: "Finished",
    24: "KeyUpdate",
}
"""Section 4: the types of handshake messages."""
RANDOM = slice(6, 38)
"""Where the random of a hello is, in its message (section 4.1.2)."""

Secrets = Mapping[tuple[str, bytes], bytes]
"""Label and random of the client -> secret."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record: its type, its head and body, and where it ends in the stream."""

    kind: int
    head: bytes
    body: bytes
    end: int


def is_broken(stream: bytes) -> bool:
    """Whether no record begins so, however many bytes follow."""
    head = stream[:HEAD_BYTES]
    wrong = bool(head) and not CHANGE_CIPHER_SPEC <= head[0] <= DATA
    return wrong or int.from_bytes(head[3:HEAD_BYTES]) > MOST_BYTES


def records(stream: bytes) -> Iterator[Record]:
    """The whole records at the beginning of a stream."""
    at = 0
    while len(head := stream[at : at + HEAD_BYTES]) == HEAD_BYTES and not is_broken(head):
        end = at + HEAD_BYTES + int.from_bytes(head[3:])
        if end > len(stream):
            return
        yield Record(head[0], head, stream[at + HEAD_BYTES : end], end)
        at = end


def messages(body: bytes) -> list[int]:
    """The types of the handshake messages that begin in this content."""
    found, at = [], 0
    while at + 4 <= len(body):
        found.append(body[at])
        at += 4 + int.from_bytes(body[at + 1 : at + 4])
    return found


def client_random(record: Record) -> bytes | None:
    """The random of the client, which names its secrets; None if this is no ClientHello."""
    return record.body[RANDOM] if _begins(record, CLIENT_HELLO) else None


def chosen_cipher(record: Record) -> int | None:
    """The cipher suite that a ServerHello has chosen (section 4.1.3); None of another record."""
    if not _begins(record, SERVER_HELLO):
        return None
    at = RANDOM.stop + 1 + record.body[RANDOM.stop]  # after the echoed session id
    return int.from_bytes(record.body[at : at + 2])


def _begins(record: Record, message: int) -> bool:
    return record.kind == HANDSHAKE and record.body[:1] == bytes([message])


def secrets_of(key_log: str) -> Secrets:
    """Read a key log: one secret a line, as label, random and secret (RFC 9850)."""
    lines = (line.split() for line in key_log.splitlines() if not line.startswith("#"))
    return {
        (words[0], bytes.fromhex(words[1])): bytes.fromhex(words[2])
        for words in lines
        if len(words) == 3
    }
