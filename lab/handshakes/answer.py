"""Among the handshakes: what a server said to one, and what became of the connection. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

SHOWN = 72


class After(StrEnum):
    """What has become of the connection when the server has answered, or has not."""

    KEPT = "kept"
    """A right opening after it on the same connection is answered; a ping, after a 101."""
    CLOSED = "closed"
    """The server has closed it, or does so instead of answering anything further."""
    DEAF = "deaf"
    """It stays open, and what is asked on it is not answered within the patience."""


class Answer(msgspec.Struct, frozen=True):
    """The answer to one opening.

    `status`: None where no response came. `body`: its first line, shortened; after a 101 the words
    of the close frame, if there was one. `then`: the status of an HTTP response that was written
    where frames belong. `version`: `Sec-WebSocket-Version` of the response. `left`: sessions that a
    refusal has left behind in the server; None where it doesn't tell, or was no refusal.
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
        """Whether nothing was opened."""
        return self.status is None or self.status >= 400 or self.then is not None

    @property
    def by_the_documents(self) -> bool:
        """Whether it is what learners are told of a wrong handshake: a 4xx, and the end."""
        four = self.status is not None and 400 <= self.status < 500
        return four and self.after is After.CLOSED

    @property
    def kind(self) -> str:
        """As short as a table needs it: `400 closed`, `101 kept`, `silence`, `hung up`."""
        if self.status is None and self.body:
            return f"no HTTP {self.after}"
        if self.status is None:
            return "hung up" if self.after is After.CLOSED else "silence"
        then = "" if self.then is None else f" then {self.then}"
        return f"{self.status}{then} {self.after}"

    def __str__(self) -> str:
        """The kind, and what was left behind."""
        return f"{self.kind}, {self.left} left" if self.left else self.kind


def first_line(text: bytes) -> str:
    """The first line of a body, made printable and shortened."""
    line = text.decode(errors="replace").strip().partition("\n")[0].strip()
    line = "".join(char if char.isprintable() else "·" for char in line)
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
