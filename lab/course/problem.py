"""What a check says of a learner's server: nothing, or one problem in one sentence."""

from __future__ import annotations

import re

__pure__ = True


class WrongError(Exception):
    """The server does something else than the chapter asks for.

    `what`: the mistake in words. `expected`, `got`: what should have come, and what came.
    `clause`: the part of a protocol, or the section of the chapter, that says so.
    `ended`: the connection ended, perhaps with the server.
    """

    def __init__(
        self, what: str, expected: str, got: str, clause: str, *, ended: bool = False
    ) -> None:
        self.ended = ended
        super().__init__(f"{what}: expected {expected}, got {got} ({clause})")


def telling_line(output: str) -> str:
    """The line of a program's output that says why it ended: the error, or else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(Uncaught )?[\w.]*(Error|Exception)\b.*:", line)]
    return (errors or lines or ["it said nothing"])[-1]


def first_difference(expected: bytes, got: bytes) -> str:
    """The first byte that differs: its offset, what it is, and what it should be."""
    if expected == got[: len(expected)]:
        return "the same"
    pairs = enumerate(zip(expected, got, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), len(got))
    shown = f"{got[at]:02x}" if at < len(got) else "nothing"
    return f"byte {at} is {shown}, not {expected[at]:02x}"
