"""A room with a planted fault fails exactly the cases that are its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from lab.chat import rooms
from lab.chat.commands import Command, History, Join, Rooms, Say, Typing
from lab.chat.effects import Member
from lab.chat.events import Joined, Left, Listing, Page, Refused, Reply, Why
from lab.chat.limits import UNPACED, Limits
from lab.contract import Capability, Heartbeat, ServeOptions, Transport
from lab.handshakes.request import handshake
from lab.judge.application import ROOM
from lab.judge.case import Case
from lab.judge.cases import cases_of
from lab.judge.site import Site
from lab.service import ChatService
from tests.judge.judging import fitting, flaws
from transports import registry

CASES = cases_of(["room"], socket_io=False)
SILENT_S = 3.0
SILENT = "room/gone: a silent client"
PACED = "room/pace"
QUICK = [case for case in CASES if case.id != SILENT]
BEAT = Heartbeat(interval_s=0.3, timeout_s=0.5)
Answer = Callable[[Reply], None]


LIMITS = {
    "has no pace": UNPACED,
    "has half the pace": Limits(command_burst=1000),
    "waits for slow readers": Limits(queue_bytes=1 << 30),
}


class Faulty(ChatService):
    """The chat, wrong in one way."""

    def __init__(self, fault: str) -> None:
        super().__init__(rooms.Rooms(limits=LIMITS.get(fault, Limits())))
        self._fault = fault

    def receive(self, member: Member, command: Command, reply: Answer) -> None:
        if self._fault == "replies to typing" and isinstance(command, Typing):
            reply(Left(command.id, command.room))
        if self._fault == "replies twice" and isinstance(command, Say):
            super().receive(member, command, reply)
            reply(Refused(command.id, "bad_command", "a second reply"))
            return
        changed = self._changed(command)
        super().receive(member, changed, lambda said: reply(self._said(command, said)))

    def _changed(self, command: Command) -> Command:
        replace = msgspec.structs.replace
        match command:
            case Say() if self._fault == "forgets keys":
                return replace(command, key=None)
            case Say(key=str()) if self._fault == "has one key for all texts":
                return replace(command, key="k")
            case Say() if self._fault == "strips texts":
                return replace(command, text=command.text.strip())
            case Join() if self._fault == "replays nothing":
                return replace(command, after=None)
            case Join() if self._fault == "ignores the epoch":
                return replace(command, epoch=None)
            case Join() if self._fault == "takes names apart":
                return replace(command, name=command.name.strip())
            case History() if self._fault == "ignores before":
                return replace(command, before=None)
            case Rooms() if self._fault == "lists from the beginning":
                return replace(command, after=None)
        return command

    def _said(self, command: Command, reply: Reply) -> Reply:
        replace = msgspec.structs.replace
        match reply:
            case Joined() if self._fault == "never truncates":
                return replace(reply, truncated=False)
            case Joined() if self._fault == "lists members backwards":
                return replace(reply, members=reply.members[::-1])
            case Refused(code="bad_name") if self._fault == "says bad_command for bad_name":
                return replace(reply, code="bad_command")
            case Page() if self._fault == "turns pages around":
                return replace(reply, events=reply.events[::-1])
            case Listing() if self._fault == "never says more":
                return replace(reply, more=False)
        return reply

    def detach(self, member: Member, why: Why) -> None:
        if self._fault == "takes a close for a loss" and why == "closed":
            why = "lost"
        if self._fault == "takes a loss for a close" and why == "lost":
            why = "closed"
        super().detach(member, why)


FAULTS: dict[str, tuple[str, ...]] = {
    "replies to typing": ("commands: typing",),
    "replies twice": ("commands: one reply each",),
    "forgets keys": ("once: *",),
    "has one key for all texts": ("once: a key",),
    "strips texts": ("texts: quotes*",),
    "replays nothing": ("resume: *",),
    "ignores the epoch": ("resume: another life",),
    "takes names apart": ("refusals: a name with a space behind it",),
    "ignores before": ("commands: history",),
    "lists from the beginning": ("commands: the list of rooms",),
    "never truncates": ("resume: beyond*", "resume: another life"),
    "lists members backwards": ("commands: a join",),
    "says bad_command for bad_name": (
        "refusals: a room* name*",
        "refusals: no name",
        "refusals: a name that is too long",
        "refusals: a name that draws nothing",
        "refusals: a name with *",
    ),
    "turns pages around": ("commands: history", "commands: a long page"),
    "never says more": ("commands: the list of rooms",),
    "takes a close for a loss": ("gone: a closed connection",),
    "takes a loss for a close": ("gone: a broken connection",),
    "has no pace": ("pace: *",),
    "has half the pace": ("pace: *",),
    "waits for slow readers": ("gone: a client that does not read",),
}


def native() -> Transport:
    """A transport that carries the room of this process in text frames."""
    needed = {Capability.ROOM, Capability.NATIVE_FRAMES, Capability.SHARED_ROOM}
    able = (registry.load(name) for name in registry.available())
    return next(transport for transport in able if needed <= transport.capabilities)


async def found(chat: ChatService, patience_s: float, cases: Sequence[Case]) -> set[str]:
    """The cases that are not `ok`."""
    async with native().serve(chat, ServeOptions()) as server:
        address: Any = server.address
        opening = handshake(address.websocket_url)
        site = Site(address.host, address.port, opening, ROOM, patience_s=patience_s)
        # The pace is asked alone: beside forty others a server may be slower than it.
        paced = [case for case in CASES if case.group == PACED]
        results = await flaws(site, [case for case in cases if case not in paced])
        results |= await flaws(site, [case for case in cases if case in paced], at_once=1)
        return {name.removeprefix("room/") for name in results}


async def test_the_room_passes_every_case() -> None:
    assert await found(ChatService(), 10.0, QUICK) == set()


@pytest.mark.parametrize(("beat", "wrong"), [(BEAT, False), (Heartbeat(), True)])
async def test_a_room_that_waits_for_the_dead_fails(beat: Heartbeat, wrong: bool) -> None:
    async with native().serve(ChatService(), ServeOptions(heartbeat=beat)) as server:
        address: Any = server.address
        opening = handshake(address.websocket_url)
        due_s = BEAT.interval_s + BEAT.timeout_s
        site = Site(
            address.host, address.port, opening, ROOM, dead_after_s=due_s, margin_s=SILENT_S
        )
        found = await flaws(site, [case for case in CASES if case.id == SILENT])
    assert set(found) == ({SILENT} if wrong else set())


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_fails_exactly_its_cases(fault: str) -> None:
    # Most faults have nothing to do with the pace, and asking for it takes long.
    cases = QUICK if fault in LIMITS else [case for case in QUICK if case.group != PACED]
    ids = [case.id.removeprefix("room/") for case in cases]
    assert await found(Faulty(fault), SILENT_S, cases) == fitting(ids, FAULTS[fault])
