"""One relayed connection: two sockets, and the two pipes between them.

A half-close passes through: a FIN from either end ends that direction only, and the sockets
are closed once both directions have ended. A reset at one end becomes a reset at the other.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from time import perf_counter_ns
from typing import Literal, Protocol, cast

from lab.relay.capture import Chunk, ConnectionEvent, Direction, Kind
from lab.relay.network import Network, OneWayPath
from lab.relay.pipe import Mark, Pipe, finish, reset
from lab.relay.precise_timer import Alarm

OPPOSITE: dict[Direction, Direction] = {"up": "down", "down": "up"}


class Owner(Protocol):
    """What a connection needs of its relay."""

    target_host: str
    target_port: int
    network: Network
    alarm: Alarm
    buffer_bytes: int
    kernel_buffer_bytes: int | None

    def arrived(self, chunk: Chunk) -> None: ...

    def happened(self, event: ConnectionEvent) -> None: ...

    def passing(self, connection: int, direction: Direction) -> Callable[[int], None] | None: ...


class End(asyncio.Protocol):
    """The relay's socket towards one end. `direction` is that of the bytes read from it.

    Where `join` has no connection for it, it is reset.
    """

    def __init__(
        self, direction: Direction, join: Callable[[asyncio.Transport], RelayedConnection | None]
    ) -> None:
        self._direction = direction
        self._join = join

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        end = cast(asyncio.Transport, transport)
        connection = self._join(end)
        if connection is not None:
            self._connection = connection
            return
        end.set_protocol(asyncio.Protocol())
        reset(end)

    def data_received(self, data: bytes) -> None:
        self._connection.received(self._direction, data)

    def eof_received(self) -> bool:
        return self._connection.ended(self._direction)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.lost(self._direction, exc)

    def pause_writing(self) -> None:
        self._connection.pipes[OPPOSITE[self._direction]].target_full(True)

    def resume_writing(self) -> None:
        self._connection.pipes[OPPOSITE[self._direction]].target_full(False)


class RelayedConnection:
    """From the client's accept until both sockets are closed."""

    def __init__(self, owner: Owner, number: int, client: asyncio.Transport) -> None:
        self.number = number
        self.pipes: dict[Direction, Pipe] = {
            "up": self._make_pipe(owner, number, "up"),
            "down": self._make_pipe(owner, number, "down"),
        }
        self._owner = owner
        self._accepted_ns = perf_counter_ns()
        self._delay_ns = owner.network.delay_ns
        """The one-way delay at the time when the handshake began."""
        self._ends: dict[Direction, asyncio.Transport] = {}
        self._dialing: asyncio.Task[None] | None = None
        self._over = False
        """Cut, or the client left before the target was connected: nothing more is passed on."""
        self._closed = False
        self._report("opened")
        self._attach("up", client)
        self.pipes["up"].open_at(self._accepted_ns + 2 * self._delay_ns)

    def begin(self) -> None:
        """Dial the target, once the client's SYN would have reached it."""
        if self._delay_ns:
            self._owner.alarm.call_at(self._accepted_ns + self._delay_ns, self._dial)
        else:
            self._dial()

    def received(self, direction: Direction, data: bytes) -> None:
        """Report bytes and pass them on."""
        now_ns = perf_counter_ns()
        self._owner.arrived(Chunk(self.number, direction, now_ns, data))
        self.pipes[direction].feed(data, now_ns)

    def ended(self, direction: Direction) -> bool:
        """Pass on a FIN; whether the socket stays open for the other direction."""
        self._report("fin", direction)
        self.pipes[direction].mark(Mark.FIN, perf_counter_ns())
        return not self._over

    def lost(self, direction: Direction, error: Exception | None) -> None:
        """A socket is closed: by its peer's reset if there is an error, else by the relay."""
        del self._ends[direction]
        if error is not None:
            self._report("reset", direction, str(error) or repr(error))
            if not self._over:
                self.pipes[direction].mark(Mark.RST, perf_counter_ns())
        self.pipes[OPPOSITE[direction]].discard()
        if direction == "up" and "down" not in self._ends:
            self._give_up_dialing()
        self._settle()

    def change(self, network: Network) -> None:
        """Apply other settings to both directions."""
        for pipe in self.pipes.values():
            pipe.change(network)

    def cut(self, how: Literal["rst", "fin"]) -> None:
        """Break off: see `Relay.cut`."""
        self._report("cut", detail=how)
        self._drop()
        for direction, end in list(self._ends.items()):
            if how == "rst":
                reset(end)
            elif self.pipes[direction].ended:
                end.close()
            else:
                # Not close(): with bytes unread the kernel would send RST (RFC 2525 2.17).
                finish(end)

    def abort(self) -> None:
        """Close both sockets at once, because the relay ends."""
        self._drop()
        for end in list(self._ends.values()):
            end.abort()
        self._settle()

    @staticmethod
    def _make_pipe(owner: Owner, number: int, direction: Direction) -> Pipe:
        path = OneWayPath(owner.network, f"{number} {direction}")
        return Pipe(path, owner.alarm, owner.buffer_bytes, owner.passing(number, direction))

    def _attach(self, direction: Direction, transport: asyncio.Transport) -> None:
        self._ends[direction] = transport
        self.pipes[direction].attach_source(transport)
        self.pipes[OPPOSITE[direction]].attach_target(transport, self._finish)
        size = self._owner.kernel_buffer_bytes
        if size is not None:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)

    def _dial(self) -> None:
        if not self._over:
            self._dialing = asyncio.get_running_loop().create_task(self._connect())
            self._dialing.add_done_callback(lambda _: self._settle())

    async def _connect(self) -> None:
        owner = self._owner
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: End("down", self._connected), owner.target_host, owner.target_port
            )
        except OSError as error:
            self._refused(error)

    def _connected(self, transport: asyncio.Transport) -> RelayedConnection:
        self._report("connected")
        # The target's first bytes can't leave before the client's ACK, the third segment, has come.
        self.pipes["down"].open_at(self._accepted_ns + 3 * self._delay_ns)
        self._attach("down", transport)
        return self

    def _refused(self, error: OSError) -> None:
        self._report("refused", detail=str(error))
        self.pipes["up"].discard()
        self.pipes["down"].mark(Mark.RST, perf_counter_ns())

    def _finish(self) -> None:
        if all(pipe.finished for pipe in self.pipes.values()):
            for end in self._ends.values():
                end.close()

    def _drop(self) -> None:
        self._give_up_dialing()
        for pipe in self.pipes.values():
            pipe.discard()

    def _give_up_dialing(self) -> None:
        self._over = True
        if self._dialing is not None:
            self._dialing.cancel()

    def _settle(self) -> None:
        dialing = self._dialing is not None and not self._dialing.done()
        if not (self._ends or dialing or self._closed):
            self._closed = True
            self._report("closed")

    def _report(self, kind: Kind, direction: Direction | None = None, detail: str = "") -> None:
        self._owner.happened(
            ConnectionEvent(self.number, kind, perf_counter_ns(), direction, detail)
        )
