"""Chapter 3: the connections of a page, and the states that it shows."""

from __future__ import annotations

from collections.abc import Mapping

from lab.course.learner import Learner
from lab.course.page import Visit, visit
from lab.course.problem import WrongError
from lab.course.run import Check

RESTART = 1012
"""Service restart (IANA's registry of close codes)."""
MINUTE_MS = 60_000


async def one_connection(subject: Learner) -> None:
    """A page has one connection, and none after it is left."""
    async with visit(subject) as one:
        await _opens(one)
        await one.connections(1, "the page has not one connection open, but another number")
        await one.clicks("Leave")
        await one.page.get_by_role("button", name="Come back").wait_for()
        await one.connections(0, "a connection stays open after 'Leave'")
        await one.clicks("Come back")
        await one.shows("open", "after 'Come back' the page does not open a connection")
        await one.connections(1, "after 'Come back' the page has another number of connections")


async def states(subject: Learner) -> None:
    """The page shows connecting, open and closed, and sends only when open."""
    async with visit(subject) as one:
        await one.shows("connecting", "the page does not show that it connects")
        if await one.sendable():
            raise _sends_early("connecting")
        await _opens(one)
        await one.says("hello")
        await one.hears("hello", "the page does not show an echo")
        await one.echoes.close(RESTART)
        await one.shows("closed", "the page does not show that its connection is closed")
        if await one.sendable():
            raise _sends_early("closed")


async def reconnects(subject: Learner) -> None:
    """A connection that is closed is opened again, but not after the page is left."""
    async with visit(subject) as one:
        await one.page.clock.install()
        await _opens(one)
        for _ in range(2):
            await one.echoes.close(RESTART)
            await one.shows("closed", "the page does not show that its connection is closed")
            await one.page.clock.fast_forward(MINUTE_MS)
            await one.shows("open", "a connection that is closed is not opened again")
        await one.echoes.close(RESTART)
        await one.shows("closed", "the page does not show that its connection is closed")
        await one.clicks("Leave")
        await one.page.get_by_role("button", name="Come back").wait_for()
        await one.page.clock.fast_forward(MINUTE_MS)
        await one.connections(0, "after 'Leave' a timer opens a connection")


async def says_why(subject: Learner) -> None:
    """The state `closed` has the close code."""
    async with visit(subject) as one:
        await _opens(one)
        await one.echoes.close(RESTART)
        await one.shows(f"closed {RESTART}", "the page does not show the close code")


async def keeps_early(subject: Learner) -> None:
    """What is said while the page connects is sent when it is open: once."""
    async with visit(subject) as one:
        await one.shows("connecting", "the page does not show that it connects")
        if not await one.sendable():
            expected, got = "that 'Send' works", "a button that is disabled"
            what = "nothing can be said while the page connects"
            raise WrongError(what, expected, got, "chapter 3, exercise 3")
        await one.says("early")
        await _opens(one)
        await one.hears("early", "what was said early is not sent")


async def _opens(one: Visit) -> None:
    one.echoes.admits.set()
    await one.shows("open", "the page does not show that its connection is open")


def _sends_early(state: str) -> WrongError:
    what = f"'Send' works while the state is '{state}'"
    clause = "WebSockets Standard, send(): InvalidStateError"
    return WrongError(what, "a button that is disabled", "one that is not", clause)


CHECKS: Mapping[str, Check] = {
    "the page has one connection, and none when it is left": one_connection,
    "the page shows its state": states,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"a closed connection is opened again": reconnects},
    2: {"the page says why": says_why},
    3: {"what is said early is kept": keeps_early},
}
