"""The raw driver on real transports: it counts what a library counts, and says what is wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import msgspec
import pytest
from pytest import Subtests

from lab.chat.events import Message
from lab.contract import Address, Capability, Transport
from lab.load.fan_out import FanOut
from lab.load.raw import RawError, RawRoom, speaks
from lab.load.texts import incompressible
from lab.measure.clock import now_ns
from lab.measure.server import ServerProcess
from lab.tls.keys import client_tls
from tests.interop.conftest import needs
from transports import registry
from transports._shared import extras

SPOKEN = [name for name in registry.available() if speaks(registry.load(name))]
REFUSING = [name for name in SPOKEN if Capability.ROOM in registry.load(name).capabilities]


@pytest.fixture(params=SPOKEN)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Transport, Address]]:
    """Each transport that the driver speaks, with a server of its own."""
    with ServerProcess(request.param, ["--unpaced"]) as server:
        yield registry.load(request.param), address(server)


def address(server: ServerProcess) -> Address:
    return msgspec.convert(server.ready, Address)


def whole(found: FanOut, messages: int, members: int) -> bool:
    assert found.expected == messages * members
    assert len(found.last_delivery_ns) == messages
    assert all(took > 0 for took in found.last_delivery_ns)
    return found.lost == 0 and found.out_of_order == 0


@pytest.mark.parametrize("window", [1, 16])
def test_every_delivery_is_counted(served: tuple[Transport, Address], window: int) -> None:
    transport, where = served
    with RawRoom(transport, where, "den", 20) as room:
        for seed in range(3):  # one batch after another, in the same room
            found = room.fan_out(incompressible(64, 50, seed), window)
            assert whole(found, 50, 20)


def test_over_tls_every_delivery_is_counted_too(subtests: Subtests) -> None:
    needs(extras.missing("trustme"))
    for name in registry.CORE:
        if name in SPOKEN:
            with (
                subtests.test(name),
                ServerProcess(name, ["--unpaced", "--tls"]) as server,
                client_tls(server.ready["authority"]) as tls,
                RawRoom(registry.load(name), address(server), "den", 4, tls=tls) as room,
            ):
                assert whole(room.fan_out(incompressible(64, 50), 16), 50, 4)
                assert whole(room.fan_out(incompressible(60_000, 4, 1), 2), 4, 4)


def test_a_server_of_another_authority_is_refused() -> None:
    needs(extras.missing("trustme"))
    from lab.tls.authority import certified

    with ServerProcess("websocket", ["--tls"]) as server, certified() as other:
        room = RawRoom(registry.load("websocket"), address(server), "den", 1, tls=other.client)
        with pytest.raises(ssl.SSLCertVerificationError):
            room.__enter__()


def test_large_texts_are_counted_too(served: tuple[Transport, Address]) -> None:
    transport, where = served
    with RawRoom(transport, where, "den", 3) as room:
        assert whole(room.fan_out(incompressible(60_000, 4), 2), 4, 3)


def test_at_a_rate_every_delivery_is_counted_too(served: tuple[Transport, Address]) -> None:
    transport, where = served
    with RawRoom(transport, where, "den", 5) as room:
        room.stay()  # nothing is due yet, and nobody waits for it
        begun_ns = now_ns()
        found = room.offer(incompressible(64, 30), 100)
        assert now_ns() - begun_ns > 29 * 10_000_000
        assert whole(found, 30, 5)


def test_messages_per_write_are_reported(served: tuple[Transport, Address]) -> None:
    transport, where = served
    with RawRoom(transport, where, "den", 3) as room:
        one = room.fan_out(incompressible(64, 20), 1).per_write
        assert one == pytest.approx(1, abs=0.2)
        many = room.fan_out(incompressible(64, 160, 1), 16).per_write
        assert many is not None
        assert 0.8 < many <= 16


def test_what_was_delivered_last_can_be_decoded(served: tuple[Transport, Address]) -> None:
    transport, where = served
    with RawRoom(transport, where, "den", 2) as room:
        texts = incompressible(64, 10)
        room.fan_out(texts, 4)
        for member in room.members:
            event = member.dialect.decode(member.last)
            assert isinstance(event, Message)
            assert (event.room, event.name, event.text) == ("den", "member 0", texts[-1])


@pytest.mark.parametrize("served", REFUSING, indirect=True)
def test_a_refused_member_is_reported(served: tuple[Transport, Address]) -> None:
    transport, where = served
    with (
        RawRoom(transport, where, "den", 1),
        pytest.raises(RawError, match="refused: name_taken"),
        RawRoom(transport, where, "den", 1),
    ):
        pass


@pytest.mark.parametrize("served", REFUSING, indirect=True)
def test_a_text_that_is_refused_is_an_error(served: tuple[Transport, Address]) -> None:
    transport, where = served
    with RawRoom(transport, where, "den", 1) as room:
        room.members[0].send([room.members[0].dialect.say(1, "attic", "hello")])
        with pytest.raises(RawError, match="refused: not_in_room"):
            room.fan_out(["one", "two"], 2)


def test_a_server_that_ends_is_an_error(served: tuple[Transport, Address]) -> None:
    transport, _ = served
    with ServerProcess(transport.name, ["--unpaced"]) as server:
        room = RawRoom(transport, address(server), "den", 2)
        with room:
            room.fan_out(["one"], 1)
            server.abandon()
            with pytest.raises(RawError, match=r"hung up|connection broke|closed"):
                room.fan_out(["two"], 1)


def test_a_server_that_says_no_is_an_error() -> None:
    transport = registry.load("websocket")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        answering = threading.Thread(target=answer_no, args=(listening,))
        answering.start()
        where = Address("", "127.0.0.1", port, f"ws://127.0.0.1:{port}/")
        with (
            pytest.raises(RawError, match=r"answered with .*503 Later"),
            RawRoom(transport, where, "den", 1),
        ):
            pass
        answering.join()


def answer_no(listening: socket.socket) -> None:
    line, _ = listening.accept()
    with line:
        line.recv(4096)
        line.sendall(b"HTTP/1.1 503 Later\r\n\r\n")


def test_a_transport_that_it_does_not_speak_is_said() -> None:
    with pytest.raises(RawError, match="does not speak loopback"):
        RawRoom(registry.load("loopback"), Address(""), "den", 1)
