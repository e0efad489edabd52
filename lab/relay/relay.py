"""A TCP relay that captures bytes and shapes the network. It needs no privileges.

    async with Relay("127.0.0.1", 8080, network=Network(delay_ns=25_000_000)) as relay:
        ...  # connect to relay.host, relay.port

The kernel accepts a connection at once, so the client's connect() returns a round trip R too early.
The relay makes up for it: it dials the target after R/2, when the SYN would have arrived. It lets
the client's first bytes leave at R, and the target's at 3R/2. A client learns nothing before its
first reply, so whatever waits for a reply sees the times of a real path.

Bandwidth is per connection and direction: two connections through one relay do not share it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Container
from time import perf_counter_ns
from types import TracebackType
from typing import Literal, Self

from lab.relay.capture import Chunk, ConnectionEvent, Direction, Passed, Traffic
from lab.relay.connection import End, RelayedConnection
from lab.relay.network import Network
from lab.relay.precise_timer import Alarm

__all__ = ["Chunk", "ConnectionEvent", "Direction", "Network", "Passed", "Relay", "Traffic"]


BUFFER_BYTES = 1 << 20
REMEMBERED_CONNECTIONS = 10_000


class Relay:
    """A TCP relay in front of `target_host`:`target_port`; listens while entered with `async with`.

    `port` 0 takes a free one, to be found in `.port`. `tap` receives every `Chunk`, `watch` every
    `ConnectionEvent`, and `passed` every `Passed`, synchronously: keep them short (`list.append`).
    `buffer_bytes` bounds what waits in the relay per direction; it acts as TCP's window does (at
    most `buffer_bytes` per one-way delay get through). `kernel_buffer_bytes` shrinks the kernel's
    own socket buffers, in which megabytes vanish before a sender notices a stalled receiver.
    `peers`: the only IP addresses that may connect; others are reset at once, and neither counted
    nor reported.

    Leaving the context closes what is open; leaving it again does nothing. Raises OSError on
    entering where it can't listen, ValueError for impossible settings.
    """

    def __init__(  # noqa: PLR0913  # all but two are options, by keyword
        self,
        target_host: str,
        target_port: int,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        network: Network | None = None,
        tap: Callable[[Chunk], None] | None = None,
        watch: Callable[[ConnectionEvent], None] | None = None,
        buffer_bytes: int = BUFFER_BYTES,
        kernel_buffer_bytes: int | None = None,
        peers: Container[str] | None = None,
        passed: Callable[[Passed], None] | None = None,
    ) -> None:
        for name, size in (
            ("buffer_bytes", buffer_bytes),
            ("kernel_buffer_bytes", kernel_buffer_bytes),
        ):
            if size is not None and size < 1:
                raise ValueError(f"{name} must be at least 1, not {size}")
        self.target_host = target_host
        self.target_port = target_port
        self.host = host
        self.port = port
        self.network = network or Network()
        self.opened = 0
        """How many connections were accepted so far; the latest has this number."""
        self.total = Traffic()
        """All connections together, also the forgotten ones."""
        self.traffic: dict[int, Traffic] = {}
        """By connection, counted from 1: the live ones and the latest 10,000 closed ones."""
        self.buffer_bytes = buffer_bytes
        self.kernel_buffer_bytes = kernel_buffer_bytes
        self._closing = False
        self._peers = peers
        self._passed = passed
        self._tap = tap
        self._watch = watch
        self._live: dict[int, RelayedConnection] = {}
        self._closed: deque[int] = deque()
        self._stalled: set[Direction] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self.alarm = Alarm()
        try:
            # A burst of connects must queue in the kernel: a lost SYN is repeated only after 1 s.
            self._server = await asyncio.get_running_loop().create_server(
                lambda: End("up", self._accept), self.host, self.port, backlog=4096
            )
        except BaseException:
            self.alarm.close()
            raise
        self.host, self.port = self._server.sockets[0].getsockname()[:2]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._closing:
            return
        self._closing = True
        await self._stop_accepting()
        for connection in list(self._live.values()):
            connection.abort()
        await self._idle.wait()
        await self._server.wait_closed()
        self.alarm.close()

    @property
    def connections(self) -> list[int]:
        """The numbers of the live connections, oldest first."""
        return list(self._live)

    def queued_bytes(self) -> int:
        """Bytes that wait in the relay now, in all connections and both directions."""
        pipes = (pipe for one in self._live.values() for pipe in one.pipes.values())
        return sum(pipe.queued_bytes for pipe in pipes)

    def set(self, network: Network) -> None:
        """Change the network under all connections, future ones included.

        What has left already arrives when it would have, and nothing overtakes it; what still
        waited for bandwidth is sent anew from now.
        """
        self.network = network
        for connection in self._live.values():
            connection.change(network)

    def stall(
        self, direction: Direction | Literal["both"] = "both", connection: int | None = None
    ) -> None:
        """Carry nothing and read nothing until `resume`; no byte is lost.

        Of one connection, or of all, future ones included (their target is dialed all the same).
        Raises LookupError where there is no such live connection.
        """
        self._set_stalled(direction, connection, True)

    def resume(
        self, direction: Direction | Literal["both"] = "both", connection: int | None = None
    ) -> None:
        """End a stall. What is overdue arrives at once, in order."""
        self._set_stalled(direction, connection, False)

    def cut(self, how: Literal["rst", "fin"] = "rst", connection: int | None = None) -> None:
        """Break one connection or all, at once, also when stalled. What is under way is lost.

        "rst" resets both ends. "fin" ends both streams in good order; from then on the relay
        ignores what comes, and closes an end's socket when that end closes. New connections are
        still accepted.
        Raises LookupError where there is no such live connection.
        """
        if how not in ("rst", "fin"):
            raise ValueError(f"how must be 'rst' or 'fin', not {how!r}")
        for chosen in self._choose(connection):
            chosen.cut(how)

    def _set_stalled(
        self, direction: Direction | Literal["both"], connection: int | None, stalled: bool
    ) -> None:
        if direction not in ("up", "down", "both"):
            raise ValueError(f"direction must be 'up', 'down' or 'both', not {direction!r}")
        directions: list[Direction] = ["up", "down"] if direction == "both" else [direction]
        chosen = self._choose(connection)
        if connection is None:
            change = self._stalled.update if stalled else self._stalled.difference_update
            change(directions)
        for one in chosen:
            for name in directions:
                one.pipes[name].stall(stalled)

    def _choose(self, connection: int | None) -> list[RelayedConnection]:
        if connection is None:
            return list(self._live.values())
        if connection not in self._live:
            raise LookupError(f"no live connection {connection}; live are {self.connections}")
        return [self._live[connection]]

    def _accept(self, client: asyncio.Transport) -> RelayedConnection | None:
        if self._peers is not None and client.get_extra_info("peername")[0] not in self._peers:
            return None
        self.opened += 1
        self.traffic[self.opened] = Traffic()
        self._idle.clear()
        connection = RelayedConnection(self, self.opened, client)
        self._live[self.opened] = connection
        for direction in self._stalled:
            connection.pipes[direction].stall(True)
        connection.begin()
        return connection

    async def _stop_accepting(self) -> None:
        # asyncio leaks a socket whose server is closed between its accept() and its transport's
        # making: so first no new ones, then a few turns of the loop for those under way.
        loop = asyncio.get_running_loop()
        for listener in self._server.sockets:
            loop.remove_reader(listener.fileno())
        for _ in range(3):
            await asyncio.sleep(0)
        self._server.close()

    def arrived(self, chunk: Chunk) -> None:
        """Count bytes and report them; called by the connections."""
        self.total.add(chunk.direction, len(chunk.data))
        self.traffic[chunk.connection].add(chunk.direction, len(chunk.data))
        if self._tap is not None:
            self._tap(chunk)

    def passing(self, connection: int, direction: Direction) -> Callable[[int], None] | None:
        """What a pipe calls with each write; None where nobody wants to know."""
        report = self._passed
        if report is None:
            return None
        return lambda size: report(Passed(connection, direction, perf_counter_ns(), size))

    def happened(self, event: ConnectionEvent) -> None:
        """Update what is known of a connection, and report; called by the connections."""
        if event.kind == "closed":
            self._forget(event.connection)
        if self._watch is not None:
            self._watch(event)

    def _forget(self, number: int) -> None:
        del self._live[number]
        self.traffic[number].open = False
        self._closed.append(number)
        if len(self._closed) > REMEMBERED_CONNECTIONS:
            del self.traffic[self._closed.popleft()]
        if not self._live:
            self._idle.set()
