"""Measures the CPU cost of the chat logic alone, without a network.

Commands arrive as bytes and pass through decoding, the service and the room. Replies and events are
encoded once each, and counted instead of sent. Every server of the lab does this work for a
message, besides its transport. The encoding is that of the native transports.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from lab.chat import commands, events
from lab.chat.commands import Join, Say
from lab.chat.effects import Member
from lab.chat.events import Joined, LoggedEvent, Reply, RoomEvent, Said
from lab.contract import Chat

ROOM = "alone"


class ChatAlone:
    """`size` members of one room of `chat`, whose outlet encodes and counts.

    Raises ValueError if the chat refuses a member.
    """

    def __init__(self, chat: Chat, size: int) -> None:
        self._chat = chat
        self._present: Counter[str] = Counter()
        self._said = 0
        self.deliveries = 0
        """How many deliveries there were in all."""
        members = [chat.attach(self) for _ in range(size)]
        for number, member in enumerate(members):
            chat.receive(member, Join(0, ROOM, f"member {number}"), _let_in)
        self._speaking = members[0]

    def cpu_ns(self, texts: Sequence[str]) -> int:
        """Say every text. Returns the CPU time that this took in the calling thread.

        Raises ValueError if a text is refused, or not delivered to every member.
        """
        said = [commands.encode(Say(self._said + n, ROOM, text)) for n, text in enumerate(texts, 1)]
        self._said += len(texts)
        before = self.deliveries
        begun_ns = time.thread_time_ns()
        for text in said:
            self._chat.receive(self._speaking, commands.decode(text), self._reply)
        used_ns = time.thread_time_ns() - begun_ns
        if self.deliveries - before != len(texts) * self._present[ROOM]:
            raise ValueError(f"of {len(texts)} texts not all went to everybody")
        return used_ns

    def _reply(self, reply: Reply) -> None:
        if not isinstance(reply, Said):
            raise ValueError(f"refused: {reply}")
        events.encode(reply)

    # See `contract.Outlet`.

    def enter(self, member: Member, room: str) -> None:
        self._present[room] += 1

    def exit(self, member: Member, room: str) -> None:
        self._present[room] -= 1

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        events.encode(event)
        self.deliveries += self._present[room] - (skip is not None)

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        for event in missed:
            events.encode(event)


def _let_in(reply: Reply) -> None:
    if not isinstance(reply, Joined):
        raise ValueError(f"not let in: {reply}")
