"""What only a client of Socket.IO's own can try: reserved event names, and rooms that are sids."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import socketio

from lab.chat.events import RoomEvent
from lab.contract import Capability, ConnectOptions, ServeOptions
from lab.service import ChatService
from tests.conformance.stage import PATIENCE_S, eventually, in_time, nothing_uncaught
from transports import registry
from transports._socketio import SocketioWire

WIRES = [
    name
    for name in registry.available()
    if isinstance(wire := registry.load(name), SocketioWire)
    and Capability.SHARED_ROOM in wire.capabilities
]
pytestmark = pytest.mark.parametrize("name", WIRES)


class Counting(ChatService):
    """A chat that remembers who came and who went."""

    def __init__(self) -> None:
        super().__init__()
        self.attached: list[Any] = []
        self.detached: list[Any] = []

    def attach(self, outlet: Any) -> Any:
        self.attached.append(super().attach(outlet))
        return self.attached[-1]

    def detach(self, member: Any, why: Any) -> None:
        self.detached.append(member)
        super().detach(member, why)


class Hall:
    """A server of a Socket.IO wire, for clients that are not its own."""

    def __init__(self, wire: SocketioWire, url: str, chat: Counting) -> None:
        self.wire = wire
        self.url = url
        self.chat = chat

    @asynccontextmanager
    async def client(self) -> AsyncIterator[socketio.AsyncClient]:
        """A client of python-socketio as it is installed; `heard` has what it was sent."""
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        client.heard = []
        client.on("*", lambda event, *data: client.heard.append((event, *data)))
        await client.connect(self.url, transports=list(self.wire.transports))
        try:
            yield client
        finally:
            await in_time(client.disconnect())


@asynccontextmanager
async def hall(name: str) -> AsyncIterator[Hall]:
    wire = registry.load(name)
    assert isinstance(wire, SocketioWire)
    chat = Counting()
    with nothing_uncaught():
        async with wire.serve(chat, ServeOptions()) as server:
            yield Hall(wire, server.address.url, chat)


async def ask(client: socketio.AsyncClient, event: str, *data: Any) -> Any:
    return await client.call(event, *data, timeout=PATIENCE_S)


@pytest.mark.parametrize("event", ["connect", "disconnect"])
@pytest.mark.parametrize(
    "data", [(), ({},), ({"a": 1},), (["list"],), ("client disconnect",)], ids=repr
)
async def test_an_event_that_is_called_like_a_reserved_one_changes_nothing(
    name: str, event: str, data: tuple[Any, ...]
) -> None:
    async with hall(name) as h, h.client() as client:
        assert (await ask(client, "join", {"room": "den", "name": "ann"}))["type"] == "joined"
        await client.emit(event, *data)
        await client.emit(event, *data)
        # Still there, still itself, still in its room.
        assert (await ask(client, "say", {"room": "den", "text": "hello"}))["type"] == "said"
        await eventually(lambda: bool(client.heard), "the message came back")
        assert [(kind, body["text"]) for kind, body in client.heard] == [("message", "hello")]
        assert (len(h.chat.attached), h.chat.detached) == (1, [])


@pytest.mark.parametrize(
    "event", ["*", "message", "ping", "connect_error", "__disconnect_final", ""], ids=repr
)
async def test_an_event_that_is_no_command_is_refused(name: str, event: str) -> None:
    async with hall(name) as h, h.client() as client:
        reply = await ask(client, event, {"room": "den"})
        assert (reply["type"], reply["code"]) == ("refused", "unknown_command")
        assert (await ask(client, "rooms", {}))["rooms"] == []
        assert (len(h.chat.attached), h.chat.detached) == (1, [])


async def test_a_room_that_is_called_like_somebody_s_sid_leaks_nothing_to_them(name: str) -> None:
    async with hall(name) as h, h.client() as eve, h.client() as bob:
        target = bob.get_sid()
        for room in (target, f"room {target}"):
            joined = await ask(eve, "join", {"room": room, "name": "eve"})
            assert joined["type"] == "joined"
            assert (await ask(eve, "say", {"room": room, "text": "psst"}))["type"] == "said"
            await eve.emit("typing", {"room": room})
            assert (await ask(eve, "leave", {"room": room}))["type"] == "left"
        assert [body["text"] for kind, body in eve.heard if kind == "message"] == ["psst"] * 2
        # What was sent to Bob before this answer would have come before it.
        assert (await ask(bob, "rooms", {}))["type"] == "listing"
        assert bob.heard == []


async def test_a_room_of_one_s_own_sid_is_a_room_like_any_other(name: str) -> None:
    async with hall(name) as h, h.client() as ann:
        room = ann.get_sid()
        await ask(ann, "join", {"room": room, "name": "ann"})
        await ask(ann, "leave", {"room": room})
        # Leaving it must not have cut her off from what is meant for her alone.
        events: list[RoomEvent] = []
        bob = await h.wire.connect(h.url, events.append, ConnectOptions())
        await bob.join("den", "bob")
        await bob.say("den", "before")
        joined = await ask(ann, "join", {"room": "den", "name": "ann", "after": 0})
        assert joined["members"] == ["bob", "ann"]
        await eventually(lambda: len(ann.heard) >= 3, "what was missed was replayed")
        assert [kind for kind, _ in ann.heard] == ["arrived", "message", "arrived"]
        await bob.close()


async def test_clients_that_connect_and_go_at_once_are_detached_once_each(name: str) -> None:
    async with hall(name) as h:

        async def visit() -> None:
            async with h.client() as client:
                await ask(client, "rooms", {})

        await asyncio.gather(*(visit() for _ in range(5)))
        await eventually(lambda: len(set(h.chat.detached)) == 5, "all had gone")
        assert sorted(h.chat.detached) == sorted(h.chat.attached)
