"""A server that is killed and started again at the same port, while its clients try to reach it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Self

from benchmarks.over_tls import counted_options, server_arguments, without_keys
from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, Settings, Transport
from lab.measure.clock import now_ns
from lab.measure.process import CorePlan, pin
from lab.measure.replicas import original
from lab.measure.server import ServerProcess

LOWEST_PORT = 10_000
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
EPHEMERAL_FROM = 32_768
"""Where the kernel does not say: Linux's own default."""
TRIES = 100


def free_fixed_port(chance: Random) -> int:
    """A free port that the kernel gives to no outgoing connection.

    Of another port, a client that tries to connect while nobody listens can be both ends: TCP
    allows that (RFC 9293 section 3.5, figure 8). The server then finds its port in use.

    Raises OSError if no free port is found.
    """
    first = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else EPHEMERAL_FROM
    for _ in range(TRIES):
        port = chance.randrange(min(LOWEST_PORT, first - 1), first)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise OSError(f"no free port below {first}")


class RestartingServer:
    """A transport's server in a process of its own. A context manager."""

    def __init__(
        self, transport: Transport, settings: Settings, cores: CorePlan, chance: Random
    ) -> None:
        self.transport = transport
        self._settings = settings
        self._cores = cores
        self._port = free_fixed_port(chance)
        self._process: ServerProcess | None = None
        self._options = ConnectOptions(settings=settings)
        self._keys = ExitStack()
        self.killed_ns = self.ready_ns = 0
        """When it was last killed, and when it listened again."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._keys.close()

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open a connection to the server that runs now, or ran last."""
        assert self._process is not None
        return await self.transport.connect(self._process.url, on_event, self._options)

    def restart(self) -> None:
        """Kill the server and start the next one. This blocks; other threads may connect.

        Raises:
            ServerDiedError: it does not start.
        """
        self.killed_ns = now_ns()
        self._end()
        self.start()

    def start(self) -> None:
        """Start a server. Raises ServerDiedError if it does not."""
        process = ServerProcess(original(self.transport.name), self._arguments())
        with _on(self._cores.server | self._cores.load):
            process.__enter__()
        self.ready_ns = now_ns()
        pin(process.pid, self._cores.server)
        self._process = process
        counted = self._keys.enter_context(counted_options(self.transport, self._options, process))
        self._options = without_keys(counted)

    def _end(self) -> None:
        if self._process is not None:
            self._process.abandon()
            self._process.__exit__(None, None, None)

    def _arguments(self) -> Sequence[str]:
        own = ["--settings", self._settings, "--unpaced", "--port", str(self._port)]
        return own + server_arguments(self.transport)


@contextmanager
def _on(cores: Collection[int]) -> Iterator[None]:
    """What this thread starts may use these cores: the load's own one is busy in a storm."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
