"""The tuned transports in their own process on their own loop, and the reasons not to run."""

from __future__ import annotations

import errno
import select
import socket

import pytest

from lab.chat.events import RoomEvent, Said
from lab.contract import ConnectOptions
from lab.measure.server import ServerProcess
from tests.conformance.client import PATIENCE_S, eventually, in_time
from transports import registry
from transports._tuned import listener as listener_
from transports._tuned.reactor import Reactor


@pytest.mark.parametrize("name", registry.TUNED)
async def test_a_server_of_its_own_serves(name: str) -> None:
    transport, heard = registry.load(name), list[RoomEvent]()
    with ServerProcess(name) as server:
        options = ConnectOptions(timeout_s=PATIENCE_S)
        ann = await transport.connect(server.url, heard.append, options)
        await in_time(ann.join("den", "ann"))
        assert isinstance(await in_time(ann.say("den", "hello")), Said)
        await eventually(lambda: len(heard) == 1, "the message came back")
        await ann.close()


@pytest.mark.parametrize("name", registry.TUNED)
def test_the_stack_names_the_loop(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = registry.load(name)
    assert transport.effective_settings("equal")["event loop"] == listener_.event_loop()
    monkeypatch.setattr(listener_, "find_spec", lambda _name: None)
    assert transport.new_event_loop() is None
    assert transport.effective_settings("equal")["event loop"] == "asyncio"


@pytest.mark.parametrize("name", registry.TUNED)
def test_without_epoll_there_is_a_reason(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.unavailable(name) is None
    monkeypatch.delattr(select, "epoll")
    reason = registry.unavailable(name)
    assert reason is not None
    assert "Linux" in reason


async def test_without_file_descriptors_the_listener_pauses_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener_, "PAUSE_S", 0.01)
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
        listener = listener_._Listener(listening, reactor, taken.append, None)  # type: ignore[arg-type]
        client.connect(listening.getsockname())
        await eventually(lambda: listener._pause is not None, "the listener paused")
        full = False
        await eventually(lambda: bool(taken), "the connection was taken")
        listener.abort()
    for sock in taken:
        sock.close()
    reactor.close()
