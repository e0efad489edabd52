"""Chapter 8: limits, and a member that reads too slowly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from lab.course.learner import Learner, served
from lab.course.member import PATH, Member, member
from lab.course.patience import patience_s
from lab.course.problem import WrongError
from lab.course.run import Check
from lab.handshakes.request import handshake
from lab.judge.websocket.build import frame

TEXT = 2_000
"""The most bytes of a text (UTF-8) that the chapter allows."""
FLOOD = 4_000
"""Messages of a flood: 8 MB for each member, more than the kernel keeps for a slow one."""
CLOSE = b"\x88\x00"
"""A close frame without a code (RFC 6455 5.5.1); no message of the flood has these bytes."""
AT_ONCE = 100
TYPED = 8_000


async def long_text(subject: Learner) -> None:
    """A text that is too long is refused, one that just fits is not."""
    async with served(subject) as port, member(port, "lab", "ada") as ada:
        fits = await ada.ask("say", room="lab", text="é" * (TEXT // 2), key="1")
        over = await ada.ask("say", room="lab", text="é" * (TEXT // 2) + "x", key="2")
    what, clause = f"a text of {TEXT + 1} bytes is taken", "docs/room.md, text_too_long"
    if over.get("code") != "text_too_long":
        raise WrongError(what, "refused text_too_long", f"{over.get('type')}", clause)
    if fits.get("type") != "said":
        what = f"a text of {TEXT} bytes is refused"
        raise WrongError(what, "said", f"{fits.get('code')}", clause)


async def slow_reader(subject: Learner) -> None:
    """A member that does not read is closed, and the others miss nothing."""
    async with served(subject) as port, _silent(port) as silent, member(port, "lab", "ada") as ada:
        await _flood(ada)
        count = len(ada.texts())
        if count != FLOOD:
            what = "a slow member costs another one its messages"
            raise WrongError(what, f"{FLOOD} messages", f"{count}", "chapter 8")
        await _ends(silent)


async def typing_is_volatile(subject: Learner) -> None:
    """`typing` is dropped for a member that does not read, and does not close it."""
    async with (
        served(subject) as port,
        _silent(port) as silent,
        member(port, "lab", "ada") as ada,
        member(port, "lab", "bob") as bob,
    ):
        for number in range(TYPED):
            await ada.tell("typing", room="lab", note="x" * 1000)
            if number % AT_ONCE == 0:
                await ada.ask("say", room="lab", text="", key=f"{number}")
        await ada.ask("say", room="lab", text="end", key="end")
        what, expected = "'typing' does not reach a member that reads", "'typing'"
        await bob.until(lambda: "end" in bob.texts(), "a text does not arrive", "'end'")
        if all(event != "typing" for event, _ in bob.events):
            raise WrongError(what, expected, "nothing", "chapter 8, exercise 1")
        got = await silent.read_until(b'"text":"end"')
    what = "'typing' waits for a slow member"
    if got is None:
        raise WrongError(what, "a member that stays", "the end of its connection", "volatile")
    if got >= TYPED * 1000:
        raise WrongError(what, f"less than {TYPED} kB", f"{got // 1000} kB", "volatile")


async def pace(subject: Learner) -> None:
    """A burst of 200 commands is refused in part, and the connection stays."""
    async with served(subject) as port, member(port, "lab", "ada") as ada:
        burst = (ada.ask("say", room="lab", text="x", key=f"{n}") for n in range(200))
        answers = await asyncio.gather(*burst)
    refused = sum(1 for each in answers if each.get("code") == "too_fast")
    if not 100 <= refused < 200:
        what, expected = "a flood is not slowed down", "100 to 199 refusals too_fast"
        raise WrongError(what, expected, f"{refused}", "docs/room.md, too_fast")


async def frame_limit(subject: Learner) -> None:
    """A frame of more than 100 kB ends its own connection with 1009."""
    async with served(subject) as port, _silent(port) as silent:
        silent.writer.write(frame(1, b'42["say",{"text":"' + b"x" * 200_000 + b'"}]'))
        got = await silent.read_until(b"\x88\x02\x03\xf1")
    if got is None:
        what = "a frame of 200 kB is taken"
        raise WrongError(what, "a close frame 88 02 03 f1 (1009)", "none", "RFC 6455 7.4.1")


class _Silent:
    """A member that reads only when it is asked to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read_until(self, end: bytes) -> int | None:
        """Read until these bytes have come: how many came with them; None: it ended before."""
        count, tail = 0, b""
        async with asyncio.timeout(patience_s()):
            while data := await self.reader.read(1 << 16):
                count += len(data)
                tail = tail[-len(end) :] + data
                if end in tail:
                    return count
        return None


@asynccontextmanager
async def _silent(port: int) -> AsyncIterator[_Silent]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    one = _Silent(reader, writer)
    try:
        writer.write(handshake(f"http://127.0.0.1:{port}{PATH}").encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame(1, b"40"))
        await one.read_until(b"40{")
        writer.write(frame(1, b'420["join",{"room":"lab","name":"slow"}]'))
        if await one.read_until(b"430[") is None:
            raise WrongError(
                "'join' is not answered", "an answer", "the end", "chapter 5", ended=True
            )
        yield one
    finally:
        writer.transport.abort()


async def _flood(ada: Member) -> None:
    for first in range(0, FLOOD, AT_ONCE):
        burst = (
            ada.ask("say", room="lab", text="x" * TEXT, key=f"{first + number}")
            for number in range(AT_ONCE)
        )
        await asyncio.gather(*burst)


async def _ends(silent: _Silent) -> None:
    """The slow member reads what is left; its connection has to end."""
    what = "a member that does not read stays, and the server keeps everything for it"
    expected = f"the end of its connection before {FLOOD * TEXT // 1_000_000} MB"
    clause = "docs/room.md, slow_consumer"
    count, last = 0, b""
    try:
        async with asyncio.timeout(patience_s()):
            # The close frame decides: `ws` keeps TCP open until the member answers it.
            while CLOSE not in last and (data := await silent.reader.read(1 << 16)):
                count, last = count + len(data), last[-1:] + data
                if count >= FLOOD * TEXT:
                    raise WrongError(what, expected, f"all {count // 1_000_000} MB", clause)
    except ConnectionError:
        return
    except TimeoutError:
        got = f"{count // 1_000_000} MB and no end"
        raise WrongError(what, expected, got, clause) from None


CHECKS: Mapping[str, Check] = {
    "a text has a limit": long_text,
    "a slow reader is closed": slow_reader,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"'typing' does not wait for a slow reader": typing_is_volatile},
    2: {"a flood is slowed down": pace},
    3: {"a frame has a limit": frame_limit},
}
