"""The tuned wires in a process of their own, on their own loop, and where they can't run."""

from __future__ import annotations

import errno
import select
import socket

import pytest

from lab.chat.events import RoomEvent, Said
from lab.contract import ConnectOptions
from lab.measure.server import ServerProcess
from tests.conformance.guest import PATIENCE_S, eventually, in_time
from transports import _tuned_serving, registry
from transports._tuned_reactor import Reactor


@pytest.mark.parametrize("name", registry.TUNED)
async def test_a_server_of_its_own_serves(name: str) -> None:
    wire, heard = registry.load(name), list[RoomEvent]()
    with ServerProcess(name) as server:
        options = ConnectOptions(timeout_s=PATIENCE_S)
        ann = await wire.connect(server.url, heard.append, options)
        await in_time(ann.join("den", "ann"))
        assert isinstance(await in_time(ann.say("den", "hello")), Said)
        await eventually(lambda: len(heard) == 1, "the message came back")
        await ann.close()


@pytest.mark.parametrize("name", registry.TUNED)
def test_the_loop_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = registry.load(name)
    assert wire.knobs("equal")["event loop"] == _tuned_serving.event_loop()
    monkeypatch.setattr(_tuned_serving, "find_spec", lambda _name: None)
    assert wire.new_event_loop() is None
    assert wire.knobs("equal")["event loop"] == "asyncio"


@pytest.mark.parametrize("name", registry.TUNED)
def test_without_epoll_there_is_a_reason(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.unavailable(name) is None
    monkeypatch.delattr(select, "epoll")
    reason = registry.unavailable(name)
    assert reason is not None
    assert "Linux" in reason


async def test_where_the_kernel_has_no_more_files_the_listener_pauses_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_tuned_serving, "PAUSE_S", 0.01)
    full = True

    class Exhausted(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            if full:
                raise OSError(errno.EMFILE, "too many open files")
            return super().accept()

    taken: list[socket.socket] = []
    reactor = Reactor()
    with Exhausted() as listening, socket.socket() as client:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        listener = _tuned_serving._Listener(listening, reactor, taken.append)  # type: ignore[arg-type]
        client.connect(listening.getsockname())
        await eventually(lambda: listener._pause is not None, "the listener paused")
        full = False
        await eventually(lambda: bool(taken), "the connection was taken")
        listener.abort()
    for sock in taken:
        sock.close()
    reactor.close()
