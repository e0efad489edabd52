"""A server's answer to an opening handshake, and the state of the connection afterwards."""

from __future__ import annotations

__pure__ = True

from enum import StrEnum

import msgspec

SHOWN = 72


class After(StrEnum):
    """The state of the connection after the server's answer, or after the patience."""

    KEPT = "kept"
    """The server answers a right handshake on the same connection; after a 101, a ping."""
    CLOSED = "closed"
    """The server has closed the connection, or closes it instead of a further answer."""
    DEAF = "deaf"
    """The connection stays open, but further requests get no answer within the patience."""


class Answer(msgspec.Struct, frozen=True):
    """The answer to one opening handshake.

    `status`: None without a response. `body`: its first line, shortened; after a 101 the words of
    the close frame, if there was one. `then`: the status of an HTTP response where frames belong.
    `version`: `Sec-WebSocket-Version` of the response. `left`: sessions that stay in the server
    after a refusal; None where the server does not say, or did not refuse.
    """

    status: int | None
    after: After
    reason: str = ""
    body: str = ""
    version: str | None = None
    then: int | None = None
    left: int | None = None

    @property
    def refused(self) -> bool:
        """Whether the server opened nothing."""
        return self.status is None or self.status >= 400 or self.then is not None

    @property
    def by_the_documents(self) -> bool:
        """Whether the answer is the one that tutorials promise: a 4xx and a close."""
        four = self.status is not None and 400 <= self.status < 500
        return four and self.after is After.CLOSED

    @property
    def kind(self) -> str:
        """The answer in a table's words: `400 closed`, `101 kept`, `silence`, `hung up`."""
        if self.status is None and self.body:
            return f"no HTTP {self.after}"
        if self.status is None:
            return "hung up" if self.after is After.CLOSED else "silence"
        then = "" if self.then is None else f" then {self.then}"
        return f"{self.status}{then} {self.after}"

    def __str__(self) -> str:
        """The kind of the answer, and the number of sessions left behind."""
        return f"{self.kind}, {self.left} left" if self.left else self.kind


def first_line(text: bytes) -> str:
    """Return the first line of a body, printable and shortened."""
    line = text.decode(errors="replace").strip().partition("\n")[0].strip()
    line = "".join(char if char.isprintable() else "·" for char in line)
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
