"""After a server was killed, another one can listen at its port at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.contract import Capability, ConnectOptions
from lab.measure.server import ServerProcess
from lab.tls.keys import client_tls
from tests.conformance.client import PATIENCE_S, in_time
from transports import registry

ON_TCP = [
    name for name in registry.available() if Capability.TCP in registry.load(name).capabilities
]
"""Those whose clients the kernel tells of the end of their server."""


@contextmanager
def running(*words: str) -> Iterator[tuple[ServerProcess, ConnectOptions]]:
    """A server, and how a client connects."""
    name, *arguments = words
    with (
        ServerProcess(name, arguments) as server,
        client_tls(server.ready["authority"]) as tls,
    ):
        yield server, ConnectOptions(timeout_s=PATIENCE_S, tls=tls)


@pytest.mark.parametrize("name", ON_TCP)
async def test_a_new_server_can_use_the_port_of_a_killed_server(name: str) -> None:
    transport = registry.load(name)
    with running(name) as (server, options):
        port = server.ready["port"]
        connection = await transport.connect(server.url, lambda _event: None, options)
        # The kernel ends the connection from the server's side, which then stays in TIME-WAIT.
        os.kill(server.pid, signal.SIGKILL)
        await in_time(connection.closed)
        await in_time(connection.close())
        server.abandon()
    with running(name, "--port", str(port)) as (server, options):
        assert server.ready["port"] == port
        connection = await transport.connect(server.url, lambda _event: None, options)
        await in_time(connection.close())
