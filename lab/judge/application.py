"""What a server's application answers, where that is known: some cases need an answer."""

from __future__ import annotations

__pure__ = True

from typing import NamedTuple


class Application(NamedTuple):
    """A message that gets an answer: `before`, any text, and `after`.

    `answer`: what the answer contains; None: the message itself comes back, text or binary.
    `skipped`: how many messages the server sends by itself when a client connects.
    """

    before: bytes = b""
    after: bytes = b""
    answer: bytes | None = None
    skipped: int = 0

    @property
    def echoes(self) -> bool:
        """Whether it sends back what it gets, so that the answer's bytes are known."""
        return self.answer is None

    def message(self, text: bytes) -> bytes:
        """A message with this text in it."""
        return self.before + text + self.after

    def of_size(self, size: int) -> bytes | None:
        """A message of this many bytes; None where none is so small."""
        filler = size - len(self.before) - len(self.after)
        return self.message(b"x" * filler) if filler >= 0 else None


ECHO = Application()
"""Each message comes back."""
ROOM = Application(b'{"type":"rooms","id":7,"x":"', b'"}', b'"listing"')
"""The lab's room on a native transport: a field that is not in the table is ignored."""
SOCKET_IO = Application(b'40{"x":"', b'"}', b'40{"sid"')
"""Socket.IO's connect packet to the main namespace, with an auth payload that holds the text."""
