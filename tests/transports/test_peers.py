"""Check the peers: members chat over them, and a page of another origin is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.chat.events import Departed, Message, RoomEvent, Said
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Capability, ConnectOptions, ServeOptions, Transport
from lab.measure.server import ServerProcess
from lab.service import ChatService
from tests.conformance import raw
from tests.conformance.client import PATIENCE_S, eventually, in_time
from tests.interop.conftest import needs
from transports import registry

OPTIONS = ConnectOptions(timeout_s=PATIENCE_S)
SMALL = Limits(frame_bytes=64 * 1024)


@pytest.fixture(params=registry.PEERS)
def transport(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """Each peer in turn. If it can't run here, the test is skipped, and fails in CI."""
    needs(registry.unavailable(request.param))
    yield registry.load(request.param)


def test_a_peer_does_not_claim_the_whole_room(transport: Transport) -> None:
    assert Capability.ROOM not in transport.capabilities
    assert Capability.SHARED_ROOM in transport.capabilities


async def test_members_join_speak_and_leave(transport: Transport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        heard: list[list[RoomEvent]] = [[], [], []]
        clients = [
            await transport.connect(server.address.url, ear.append, OPTIONS) for ear in heard
        ]
        for number, client in enumerate(clients):
            await in_time(client.join("den", f"guest {number}"))
        for text in ("one", "two", "three"):
            assert isinstance(await in_time(clients[0].say("den", text)), Said)
        await in_time(clients[0].leave("den"))
        await eventually(
            lambda: all(isinstance(ear[-1], Departed) for ear in heard[1:]), "it was heard"
        )
        for ear in heard:
            assert [e.text for e in ear if isinstance(e, Message)] == ["one", "two", "three"]
        assert not any(isinstance(event, Departed) for event in heard[0])
        assert server.sessions() == 3
        for client in clients:
            await client.close()
        await eventually(lambda: server.sessions() == 0, "everybody is gone")


async def test_typing_is_shown_to_the_others(transport: Transport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        mine, theirs = list[RoomEvent](), list[RoomEvent]()
        ann = await transport.connect(server.address.url, mine.append, OPTIONS)
        bob = await transport.connect(server.address.url, theirs.append, OPTIONS)
        await in_time(ann.join("den", "ann"))
        await in_time(bob.join("den", "bob"))
        await ann.typing("den")
        await in_time(ann.say("den", "hello"))
        await eventually(lambda: len(theirs) == 2, "typing, and the message")
        await eventually(lambda: len(mine) == 2, "bob's arrival, and the message")
        await ann.close()
        await bob.close()


async def test_a_page_of_another_origin_is_refused(transport: Transport) -> None:
    options = ConnectOptions(timeout_s=PATIENCE_S, headers={"Origin": "https://elsewhere.example"})
    async with transport.serve(ChatService(), ServeOptions()) as server:
        with pytest.raises(ConnectionRefusedError):
            await transport.connect(server.address.url, lambda _: None, options)


async def test_a_message_in_fragments_is_bounded_as_a_whole(transport: Transport) -> None:
    async with transport.serve(ChatService(Rooms(SMALL)), ServeOptions()) as server:
        assert server.address.websocket_url is not None
        async with raw.upgraded(server.address.websocket_url) as connection:
            connection.send(raw.frame(raw.TEXT, b"x", first=0))
            for _ in range(4):
                connection.send(
                    raw.frame(raw.CONTINUATION, b"x" * (SMALL.frame_bytes // 2), first=0)
                )
            assert await connection.close_code() in (1009, None)  # some hang up without a code
        await eventually(lambda: server.sessions() == 0, "the connection has ended")


async def test_a_command_in_fragments_is_a_command(transport: Transport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        assert server.address.websocket_url is not None
        async with raw.upgraded(server.address.websocket_url) as connection:
            connection.send(raw.frame(raw.TEXT, b'{"type":"rooms"', first=0))
            connection.send(raw.frame(raw.PONG, b"between"))
            connection.send(raw.frame(raw.CONTINUATION, b',"id":9}'))
            assert '"listing"' in await in_time(anext(connection.texts()))


async def test_clients_get_a_close_when_the_server_stops(transport: Transport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        ann = await transport.connect(server.address.url, lambda _: None, OPTIONS)
    assert "1001" in await in_time(ann.closed)
    await ann.close()


async def test_a_port_is_exclusive(transport: Transport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        with pytest.raises(OSError):
            async with transport.serve(ChatService(), ServeOptions(port=server.address.port)):
                pass


async def test_a_server_of_its_own_serves(transport: Transport) -> None:
    with ServerProcess(transport.name) as server:
        ann = await transport.connect(server.url, lambda _: None, OPTIONS)
        await in_time(ann.join("den", "ann"))
        assert isinstance(await in_time(ann.say("den", "hello")), Said)
        await ann.close()


def test_without_libuv_the_reason_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAB_LIBUV", str(tmp_path / "none.so"))
    reason = registry.unavailable("uwebsockets")
    assert reason is not None
    assert "libuv1" in reason
