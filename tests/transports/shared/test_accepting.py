"""A listener without a file descriptor for a new connection."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from tests.conformance.client import eventually
from transports._shared import accepting, serving


class Exhausted(socket.socket):
    """A listening socket that reports no file descriptors while the test asks it to."""

    attempts = 0
    is_exhausted = True

    def accept(self) -> tuple[socket.socket, object]:
        if self.is_exhausted:
            self.attempts += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


class Protocol(asyncio.Protocol):
    """Counts the connections."""

    made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Protocol.made += 1
        transport.close()


@pytest.fixture
def listening() -> Iterator[Exhausted]:
    """A listening socket with a connection that waits to be accepted."""
    with Exhausted() as sock, socket.socket() as client:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        sock.setblocking(False)
        client.connect(sock.getsockname())
        yield sock


async def test_without_file_descriptors_a_listener_does_not_retry_in_every_turn(
    listening: Exhausted,
) -> None:
    with accepting.Listener(listening, Protocol):
        await eventually(lambda: listening.attempts > 0, "the listener tried")
        for _turn in range(10):
            await asyncio.sleep(0)
        assert listening.attempts == 1


async def test_without_file_descriptors_a_listener_logs_once_and_goes_on_later(
    listening: Exhausted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "PAUSE_S", 0.001)
    before = Protocol.made
    with accepting.Listener(listening, Protocol):
        await eventually(lambda: listening.attempts >= 3, "the listener tried 3 times")
        listening.is_exhausted = False
        await eventually(lambda: Protocol.made > before, "the connection was taken")
    said = [record.getMessage() for record in caplog.records if record.name == serving.__name__]
    assert said == ["no new connections until others end: Too many open files"]
