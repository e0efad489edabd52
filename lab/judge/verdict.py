"""What a case found: a verdict, the first byte that is wrong, and what was expected there."""

from __future__ import annotations

__pure__ = True

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """How a server did in one case."""

    OK = "ok"
    NOT_STRICT = "not strict"
    """The server did what it must, but not as the clause recommends: later, or by another code."""
    FAILED = "failed"
    NOT_ASKED = "not asked"
    """The case needs something of the server that nobody declared, or that it does not offer."""


class Finding(msgspec.Struct, frozen=True):
    """The verdict of one case.

    `at`: the offset of the first wrong byte in what the server sent on `connection`; None where
    nothing is wrong, or no byte is to blame. Past the last byte, something is missing.
    """

    verdict: Verdict
    expected: str = ""
    got: str = ""
    at: int | None = None
    connection: int = 1


OK = Finding(Verdict.OK)


def failed(expected: str, got: str, at: int | None = None, connection: int = 1) -> Finding:
    """The server broke the clause."""
    return Finding(Verdict.FAILED, expected, got, at, connection)


def not_strict(expected: str, got: str, at: int | None = None, connection: int = 1) -> Finding:
    """The server did what it must, but not as the clause recommends."""
    return Finding(Verdict.NOT_STRICT, expected, got, at, connection)


def not_asked(why: str) -> Finding:
    """The case can't be played against this server."""
    return Finding(Verdict.NOT_ASKED, got=why)


def first_difference(one: bytes, other: bytes) -> int:
    """The index of the first byte in which two texts differ, or the length of the shorter one."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
