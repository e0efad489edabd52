"""Send reserved event names and use session ids as rooms, with a plain Socket.IO client."""

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
from tests.conformance.served import PATIENCE_S, eventually, in_time, nothing_uncaught
from transports import registry
from transports._socketio.transport import SocketioClientTransport

TRANSPORTS = [
    name
    for name in registry.available()
    if isinstance(transport := registry.load(name), SocketioClientTransport)
    and Capability.TLS_ALWAYS not in transport.capabilities
    and Capability.SHARED_ROOM in transport.capabilities
]
pytestmark = pytest.mark.parametrize("name", TRANSPORTS)


class Counting(ChatService):
    """A chat that records which members are attached and detached."""

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


class ServedRoom:
    """A server of a Socket.IO transport, for clients of the library."""

    def __init__(self, transport: SocketioClientTransport, url: str, chat: Counting) -> None:
        self.transport = transport
        self.url = url
        self.chat = chat

    @asynccontextmanager
    async def client(self) -> AsyncIterator[socketio.AsyncClient]:
        """A client of python-socketio as it is installed; `heard` gets what it receives."""
        usual = Capability.DEFAULT_PARSER in self.transport.capabilities
        client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            serializer="default" if usual else "msgpack",
        )
        client.heard = []
        client.on("*", lambda event, *data: client.heard.append((event, *data)))
        await client.connect(self.url, transports=list(self.transport.transports))
        try:
            yield client
        finally:
            await in_time(client.disconnect())


@asynccontextmanager
async def served_room(name: str) -> AsyncIterator[ServedRoom]:
    transport = registry.load(name)
    assert isinstance(transport, SocketioClientTransport)
    chat = Counting()
    with nothing_uncaught():
        async with transport.serve(chat, ServeOptions()) as server:
            yield ServedRoom(transport, server.address.url, chat)


async def ask(client: socketio.AsyncClient, event: str, *data: Any) -> Any:
    return await client.call(event, *data, timeout=PATIENCE_S)


@pytest.mark.parametrize("event", ["connect", "disconnect"])
@pytest.mark.parametrize(
    "data", [(), ({},), ({"a": 1},), (["list"],), ("client disconnect",)], ids=repr
)
async def test_an_event_with_a_reserved_name_changes_nothing(
    name: str, event: str, data: tuple[Any, ...]
) -> None:
    async with served_room(name) as h, h.client() as client:
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
    async with served_room(name) as h, h.client() as client:
        reply = await ask(client, event, {"room": "den"})
        assert (reply["type"], reply["code"]) == ("refused", "unknown_command")
        assert (await ask(client, "rooms", {}))["rooms"] == []
        assert (len(h.chat.attached), h.chat.detached) == (1, [])


async def test_a_room_with_another_client_s_sid_as_name_leaks_nothing(name: str) -> None:
    async with served_room(name) as h, h.client() as eve, h.client() as bob:
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


async def test_a_room_with_the_client_s_own_sid_as_name_is_an_ordinary_room(name: str) -> None:
    async with served_room(name) as h, h.client() as ann:
        room = ann.get_sid()
        await ask(ann, "join", {"room": room, "name": "ann"})
        await ask(ann, "leave", {"room": room})
        # Leaving it must not have cut her off from what is meant for her alone.
        events: list[RoomEvent] = []
        bob = await h.transport.connect(h.url, events.append, ConnectOptions())
        await bob.join("den", "bob")
        await bob.say("den", "before")
        joined = await ask(ann, "join", {"room": "den", "name": "ann", "after": 0})
        assert joined["members"] == ["bob", "ann"]
        await eventually(lambda: len(ann.heard) >= 3, "what was missed was replayed")
        assert [kind for kind, _ in ann.heard] == ["arrived", "message", "arrived"]
        await bob.close()


async def test_clients_that_disconnect_at_once_are_detached_once_each(name: str) -> None:
    async with served_room(name) as h:

        async def visit() -> None:
            async with h.client() as client:
                await ask(client, "rooms", {})

        await asyncio.gather(*(visit() for _ in range(5)))
        await eventually(lambda: len(set(h.chat.detached)) == 5, "all had gone")
        assert sorted(h.chat.detached) == sorted(h.chat.attached)
