"""A relay for UDP: it forwards datagrams, stalls, and changes the address that the server sees.

QUIC has no TCP connection that the lab's other relay could carry. What is inside the datagrams is
encrypted: this relay reads none of it, and does not know when a connection ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

ADDRESS = tuple[str, int]
"""Host and port of a UDP socket."""
LIVE_S = 0.2
"""A client counts as live for so long after each of its datagrams."""


class DatagramRelay:
    """Forwards datagrams between its clients and one server, on this machine.

    Each client has a socket of its own towards the server. `rebind` gives it a new one, as a NAT
    does that has forgotten the client, or a phone that changes its network.
    """

    def __init__(self, host: str, port: int, own_port: int = 0) -> None:
        """`own_port` 0 takes a free one, to be found in `port`."""
        self.port = own_port
        self.target_port = port
        """Where the clients that come from now on are led to."""
        self._host = host
        self._sockets: dict[ADDRESS, asyncio.DatagramTransport] = {}
        self._opening: dict[ADDRESS, asyncio.Task[None]] = {}
        self._front: asyncio.DatagramTransport
        self._is_stalled = False
        self._heard_s: dict[ADDRESS, float] = {}
        """Client -> the loop's time when its last datagram came."""
        self._cut: set[ADDRESS] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._front, _ = await loop.create_datagram_endpoint(
            lambda: _Receiver(self._from_client), local_addr=(self._host, self.port)
        )
        self.port = self._front.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._opening.values():
            task.cancel()
        for sock in (self._front, *self._sockets.values()):
            sock.close()

    def stall(self) -> None:
        """Lose every datagram from now on, in both directions."""
        self._is_stalled = True

    def resume(self) -> None:
        """Forward again."""
        self._is_stalled = False

    @property
    def connections(self) -> list[ADDRESS]:
        """The live clients."""
        since_s = asyncio.get_running_loop().time() - LIVE_S
        return [client for client, heard_s in self._heard_s.items() if heard_s > since_s]

    def cut(self, client: ADDRESS) -> None:
        """Lose every datagram from and to a client from now on. Neither side is told."""
        self._cut.add(client)
        del self._heard_s[client]

    async def rebind(self) -> list[int]:
        """Give each client a new port towards the server. Returns the new ports."""
        for client, old in list(self._sockets.items()):
            await self._open(client)
            old.close()
        return [sock.get_extra_info("sockname")[1] for sock in self._sockets.values()]

    async def _open(self, client: ADDRESS) -> None:
        loop = asyncio.get_running_loop()
        self._sockets[client], _ = await loop.create_datagram_endpoint(
            lambda: _Receiver(lambda data, _: self._send(self._front, data, client)),
            remote_addr=(self._host, self.target_port),
        )

    def _from_client(self, data: bytes, client: ADDRESS) -> None:
        if client in self._cut:
            return
        self._heard_s[client] = asyncio.get_running_loop().time()
        if (sock := self._sockets.get(client)) is not None:
            self._send(sock, data)
        elif client not in self._opening:  # meanwhile QUIC sends its first datagram again
            task = asyncio.ensure_future(self._open(client))
            self._opening[client] = task
            task.add_done_callback(lambda _: self._opened(client, data))

    def _opened(self, client: ADDRESS, data: bytes) -> None:
        del self._opening[client]
        if (sock := self._sockets.get(client)) is not None:
            self._send(sock, data)

    def _send(
        self, sock: asyncio.DatagramTransport, data: bytes, to: ADDRESS | None = None
    ) -> None:
        if not self._is_stalled and to not in self._cut and not sock.is_closing():
            sock.sendto(data, to)


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, ADDRESS], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: ADDRESS) -> None:
        self._received(data, addr)
