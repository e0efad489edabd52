"""What a server has to do after it has got some frames, and where its bytes show that it did not.

An expectation reads all that the server has sent since its 101. It has no finding as long as more
may come that decides it.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lab.decode.rfc6455 import CLOSE, NAMES, PONG, TEXT
from lab.judge.verdict import OK, Finding, failed, first_difference, not_strict
from lab.judge.websocket.received import Message, Received, frames_in, messages_in

PROBE = b"still open?"
"""The payload of the ping that finds out whether a connection is still open."""
SHOWN = 24
SENDABLE = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})
"""The status codes that IANA's registry lets an endpoint send, below those of applications."""


class Seen(NamedTuple):
    """What a server has sent on a connection; its frames begin at `start`.

    `ended`: the server has ended the connection. `over`: nothing more is awaited.
    """

    data: bytes
    start: int
    ended: bool = False
    over: bool = False

    @property
    def frames(self) -> list[Received]:
        """The whole frames."""
        return frames_in(self.data, self.start)

    @property
    def last(self) -> bool:
        """Whether nothing more can come."""
        return self.ended or self.over

    @property
    def silence(self) -> str:
        """In words: that no more has come."""
        return "the connection ended" if self.ended else "nothing came in time"


class Expectation(Protocol):
    """Decides whether a server did what a clause asks for."""

    def finding(self, seen: Seen) -> Finding | None:
        """The finding; None as long as what may come decides it."""


def code_of(frame: Received) -> int | None:
    """The status code of a close frame; None where it has none (RFC 6455 section 5.5.1)."""
    return int.from_bytes(frame.payload[:2]) if len(frame.payload) >= 2 else None


def may_be_sent(code: int) -> bool:
    """Whether an endpoint may send a status code (section 7.4)."""
    return code in SENDABLE or 3000 <= code < 5000


def words(frame: Received) -> str:
    """A frame in words, with the beginning of its payload."""
    if frame.opcode == CLOSE:
        code = code_of(frame)
        reason = frame.payload[2:].decode(errors="replace")[:SHOWN]
        return f"a close frame with {code} {reason}".strip() if code else "a close without a code"
    name = NAMES.get(frame.opcode, f"opcode {frame.opcode}")
    return f"a {name} of {len(frame.payload)} bytes, {quoted(frame.payload)}"


def wrong_byte(frame: Received, payload: bytes) -> int:
    """Where a frame first differs from one with this payload: its length comes before its data."""
    if len(frame.payload) != len(payload):
        return frame.start + 1
    return frame.body + first_difference(frame.payload, payload)


def quoted(data: bytes) -> str:
    """The beginning of some bytes, readable."""
    return repr(data[:SHOWN])[1:] + ("…" if len(data) > SHOWN else "")


@dataclass(frozen=True)
class Fails:
    """The server fails the connection (section 7.1.7), with `code` or one of `also`.

    It must end the connection; to send a close frame with the right code first is recommended.
    `lenient`: no clause says that it must, so a server that does not is not strict.
    """

    code: int
    also: tuple[int, ...] = ()
    lenient: bool = False

    @property
    def words(self) -> str:
        """In words: what is expected."""
        return f"a close frame with {' or '.join(map(str, (self.code, *self.also)))}"

    def finding(self, seen: Seen) -> Finding | None:
        for frame in seen.frames:
            if frame.opcode == CLOSE:
                return self._closed(frame)
            if frame.opcode == PONG and frame.payload == PROBE:
                wrong = not_strict if self.lenient else failed
                return wrong(self.words, "a pong: the connection stays open", frame.start)
        if not seen.last:
            return None
        wrong = not_strict if seen.ended or self.lenient else failed
        got = f"{seen.silence}, without a close frame" if seen.ended else seen.silence
        return wrong(self.words, got, len(seen.data))

    def _closed(self, frame: Received) -> Finding:
        if code_of(frame) in {self.code, *self.also}:
            return OK
        at = frame.body + first_difference(frame.payload[:2], self.code.to_bytes(2))
        code = code_of(frame)
        valid = not frame.payload or (code is not None and may_be_sent(code))
        return (not_strict if valid else failed)(self.words, words(frame), at)


@dataclass(frozen=True)
class Pongs:
    """The server answers pings with pongs of the same payloads, in order (section 5.5.3).

    It may answer only the last ones of several.
    """

    payloads: tuple[bytes, ...]

    def finding(self, seen: Seen) -> Finding | None:
        due = list(self.payloads)
        for frame in seen.frames:
            if frame.opcode == CLOSE:
                return failed(self._words(due), words(frame), frame.start)
            if frame.opcode != PONG:
                continue
            if frame.payload not in due:
                return failed(self._words(due), words(frame), wrong_byte(frame, due[0]))
            due = due[due.index(frame.payload) + 1 :]
            if not due:
                return OK
        return failed(self._words(due), seen.silence, len(seen.data)) if seen.last else None

    def _words(self, due: list[bytes]) -> str:
        return f"a pong of {len(due[0])} bytes, {quoted(due[0])}"


STAYS_OPEN = Pongs((PROBE,))
"""The server answers a last ping: nothing before it has ended the connection."""


@dataclass(frozen=True)
class Closes:
    """The server answers a close frame with one of these codes; None: without one (5.5.1).

    It typically echoes the code, so another one that may be sent is only not strict.
    """

    codes: tuple[int | None, ...]

    @property
    def words(self) -> str:
        """In words: what is expected."""
        named = dict.fromkeys("no code" if code is None else str(code) for code in self.codes)
        return f"a close frame with {' or '.join(named)}"

    def finding(self, seen: Seen) -> Finding | None:
        for frame in seen.frames:
            if frame.opcode == CLOSE:
                return self._answered(frame)
        return failed(self.words, seen.silence, len(seen.data)) if seen.last else None

    def _answered(self, frame: Received) -> Finding:
        code = code_of(frame)
        if code in self.codes:
            return OK
        wrong = not_strict if not frame.payload or (code and may_be_sent(code)) else failed
        return wrong(self.words, words(frame), frame.body)


@dataclass(frozen=True)
class EndsAfterClose:
    """The server sends nothing after its close frame, and ends the connection (5.5.1, 7.1.1)."""

    silent: bool = False
    """Only that nothing follows is asked for."""

    def finding(self, seen: Seen) -> Finding | None:
        frames = seen.frames
        closes = [at for at, frame in enumerate(frames) if frame.opcode == CLOSE]
        after = frames[closes[0] + 1 :] if closes else []
        if after and self.silent:
            return failed("nothing after the close frame", words(after[0]), after[0].start)
        if seen.ended or (seen.over and self.silent):
            return OK
        return (
            failed("the end of the connection", seen.silence, len(seen.data)) if seen.over else None
        )


@dataclass(frozen=True)
class Comes:
    """A message comes back: the data that was sent, or one that contains `answer`.

    `skipped`: how many messages the server sends by itself before.
    """

    opcode: int
    sent: bytes
    answer: bytes | None = None
    skipped: int = 0

    @property
    def words(self) -> str:
        """In words: what is expected."""
        if self.answer is not None:
            return f"a message with {quoted(self.answer)}"
        return f"a {NAMES[self.opcode]} message of {len(self.sent)} bytes, {quoted(self.sent)}"

    def finding(self, seen: Seen) -> Finding | None:
        frames = seen.frames
        for message in list(messages_in(frames))[self.skipped :]:
            if self.answer is None:
                return self._echo(message)
            if message.opcode == TEXT and self.answer in message.data:
                return OK
        for frame in frames:
            if frame.opcode == CLOSE:
                return failed(self.words, words(frame), frame.start)
        return failed(self.words, seen.silence, len(seen.data)) if seen.last else None

    def _echo(self, message: Message) -> Finding:
        first = message.frames[0]
        if message.opcode != self.opcode:
            return failed(self.words, words(first), first.start)
        if message.data == self.sent:
            return OK
        alone = len(message.frames) == 1
        at = message.place(first_difference(message.data, self.sent))
        at = wrong_byte(first, self.sent) if alone else at
        got = f"{len(message.data)} bytes, {quoted(message.data)}"
        return failed(self.words, got, at)


Rule = Callable[[Received], int | None]
"""Gives the first byte of a frame that breaks a rule; None where the frame keeps it."""


@dataclass(frozen=True)
class Keeps:
    """The server's frames keep a rule."""

    words: str
    rule: Rule

    def finding(self, seen: Seen) -> Finding | None:
        for frame in seen.frames:
            at = self.rule(frame)
            if at is not None:
                return failed(self.words, words(frame), at)
        return OK if seen.last else None


def unmasked(frame: Received) -> int | None:
    """A server masks no frame (section 5.1)."""
    return frame.start + 1 if frame.header.mask else None


def unreserved(frame: Received) -> int | None:
    """Without an extension no reserved bit is set (section 5.2)."""
    return frame.start if frame.header.rsv else None


def known(frame: Received) -> int | None:
    """Every opcode is one of the six (section 5.2)."""
    return None if frame.opcode in NAMES else frame.start


def short(frame: Received) -> int | None:
    """A length takes as few bytes as it can (section 5.2)."""
    size = len(frame.payload)
    least = 2 + (0 if size < 126 else 2 if size < 1 << 16 else 8)
    spent = frame.body - frame.start - len(frame.header.mask)
    return frame.start + 1 if spent > least else None


def whole_control(frame: Received) -> int | None:
    """A control frame is whole, and has 125 bytes at most (section 5.5)."""
    if frame.opcode < CLOSE:
        return None
    if not frame.header.fin:
        return frame.start
    return frame.start + 1 if len(frame.payload) > 125 else None
