"""The peers: people talk over them as over the lab's own wires, and a page of others is refused."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from lab.chat.events import Departed, Message, RoomEvent, Said
from lab.contract import Capability, ConnectOptions, ServeOptions, Transport
from lab.measure.server import ServerProcess
from lab.service import ChatService
from tests.conformance.guest import PATIENCE_S, eventually, in_time
from transports import registry

OPTIONS = ConnectOptions(timeout_s=PATIENCE_S)


@pytest.fixture(params=registry.PEERS)
def wire(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """Each peer in turn."""
    yield registry.load(request.param)


def test_a_peer_is_not_held_to_the_rooms_whole_meaning(wire: Transport) -> None:
    assert Capability.ROOM not in wire.capabilities
    assert Capability.SHARED_ROOM in wire.capabilities


async def test_people_join_speak_and_leave(wire: Transport) -> None:
    async with wire.serve(ChatService(), ServeOptions()) as server:
        heard: list[list[RoomEvent]] = [[], [], []]
        guests = [await wire.connect(server.address.url, ear.append, OPTIONS) for ear in heard]
        for number, guest in enumerate(guests):
            await in_time(guest.join("den", f"guest {number}"))
        for text in ("one", "two", "three"):
            assert isinstance(await in_time(guests[0].say("den", text)), Said)
        await in_time(guests[0].leave("den"))
        await eventually(
            lambda: all(isinstance(ear[-1], Departed) for ear in heard[1:]), "it was heard"
        )
        for ear in heard:
            assert [e.text for e in ear if isinstance(e, Message)] == ["one", "two", "three"]
        assert not any(isinstance(event, Departed) for event in heard[0])
        assert server.sessions() == 3
        for guest in guests:
            await guest.close()
        await eventually(lambda: server.sessions() == 0, "everybody is gone")


async def test_what_is_typed_is_shown_to_the_others(wire: Transport) -> None:
    async with wire.serve(ChatService(), ServeOptions()) as server:
        mine, theirs = list[RoomEvent](), list[RoomEvent]()
        ann = await wire.connect(server.address.url, mine.append, OPTIONS)
        bob = await wire.connect(server.address.url, theirs.append, OPTIONS)
        await in_time(ann.join("den", "ann"))
        await in_time(bob.join("den", "bob"))
        await ann.typing("den")
        await in_time(ann.say("den", "hello"))
        await eventually(lambda: len(theirs) == 2, "typing, and the message")
        await eventually(lambda: len(mine) == 2, "bob's arrival, and the message")
        await ann.close()
        await bob.close()


async def test_a_page_of_others_is_refused(wire: Transport) -> None:
    options = ConnectOptions(timeout_s=PATIENCE_S, headers={"Origin": "https://elsewhere.example"})
    async with wire.serve(ChatService(), ServeOptions()) as server:
        with pytest.raises(ConnectionRefusedError):
            await wire.connect(server.address.url, lambda _: None, options)


async def test_who_stays_is_said_goodbye_to(wire: Transport) -> None:
    async with wire.serve(ChatService(), ServeOptions()) as server:
        ann = await wire.connect(server.address.url, lambda _: None, OPTIONS)
    assert "1001" in await in_time(ann.closed)
    await ann.close()


async def test_a_port_is_not_had_twice(wire: Transport) -> None:
    async with wire.serve(ChatService(), ServeOptions()) as server:
        with pytest.raises(OSError):
            async with wire.serve(ChatService(), ServeOptions(port=server.address.port)):
                pass


async def test_a_server_of_its_own_serves(wire: Transport) -> None:
    with ServerProcess(wire.name) as server:
        ann = await wire.connect(server.url, lambda _: None, OPTIONS)
        await in_time(ann.join("den", "ann"))
        assert isinstance(await in_time(ann.say("den", "hello")), Said)
        await ann.close()


def test_a_system_without_libuv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    reason = registry.unavailable("uwebsockets")
    assert reason is not None
    assert "libuv1" in reason
