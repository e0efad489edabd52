"""Makes the handshakes that an endpoint offers, and counts what they cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from lab.handshakes.link import RawConnection
from lab.probe.client import Client, captured
from lab.probe.cost import cost_of_handshake
from lab.probe.findings import NativeWebSocket, SocketIo, TransportCost
from lab.probe.native import PROTOCOL
from lab.probe.sessions import by_polling, by_upgrade, by_websocket
from lab.probe.socket_io import Wishes
from lab.probe.websocket import opened

TIMES = 3
"""Handshakes of each kind; their median is shown."""

Open = Callable[[Client, str], AbstractAsyncContextManager[Any]]
"""Opens a session of Engine.IO."""
Handshake = Callable[[], AbstractAsyncContextManager[list[RawConnection]]]
"""Makes one handshake; yields its connections. Raises HandshakeFailedError."""


class HandshakeFailedError(Exception):
    """A handshake did not come to its end; the message says where it stopped."""


def handshakes(
    client: Client, wishes: Wishes, native: NativeWebSocket | None, socket_io: SocketIo | None
) -> dict[str, Handshake]:
    """The ways to connect that the endpoint offers, by name."""
    found: dict[str, Handshake] = {}
    if native is not None and native.opened:
        found["WebSocket"] = partial(_open, client, native)
    if socket_io is None or not socket_io.transports:
        return found
    kind = "Socket.IO" if socket_io.namespaces else "Engine.IO"
    ways: dict[str, Open] = {"websocket": by_websocket, "polling": by_polling}
    ways = {name: ways[name] for name in socket_io.transports}
    if "polling" in ways and "websocket" in socket_io.upgrades:
        ways["upgraded"] = by_upgrade
    namespace = _namespace(socket_io)
    found |= {
        f"{kind} {name}": partial(_connect, client, wishes, way, namespace)
        for name, way in ways.items()
    }
    return found


def _namespace(socket_io: SocketIo) -> str | None:
    """The namespace for a handshake: one that admits a client, or else one that answers."""
    ranks = {True: 0, False: 1, None: 2}
    ranked = sorted(socket_io.namespaces, key=lambda each: ranks[each.admitted])
    return ranked[0].name if ranked else None


@asynccontextmanager
async def _open(client: Client, native: NativeWebSocket) -> AsyncIterator[list[RawConnection]]:
    chosen = {PROTOCOL: native.subprotocol} if native.subprotocol else {}
    async with opened(client, native.resource, chosen) as found:
        if found.frames is None:
            raise HandshakeFailedError(f"the handshake is answered with {found.response}")
        yield [found.connection]


@asynccontextmanager
async def _connect(
    client: Client, wishes: Wishes, way: Open, namespace: str | None
) -> AsyncIterator[list[RawConnection]]:
    async with way(client, wishes.path) as session:
        if session.data is None:
            raise HandshakeFailedError(f"no session opens; the last answer was {session.answer}")
        if namespace is not None:
            found = await session.connect(namespace, wishes.auth)
            if found.admitted is None:
                raise HandshakeFailedError(f"{namespace}: {found.reason}")
        yield session.connections


async def costs_of_handshakes(
    ways: Mapping[str, Handshake], tls_version: str
) -> tuple[tuple[TransportCost, ...], tuple[tuple[str, str], ...]]:
    """The cost of each way, and the names of those that fail with the reasons."""
    costs: list[TransportCost] = []
    failed: list[tuple[str, str]] = []
    for name, handshake in ways.items():
        try:
            costs.append(await _cost(name, handshake, tls_version))
        except HandshakeFailedError as error:
            failed.append((name, str(error)))
    return tuple(costs), tuple(failed)


async def _cost(name: str, handshake: Handshake, tls_version: str) -> TransportCost:
    times_ns: list[int] = []
    for _ in range(TIMES):
        start_ns = perf_counter_ns()
        async with handshake() as connections:
            times_ns.append(perf_counter_ns() - start_ns)
            capture = captured(connections)
    return cost_of_handshake(name, times_ns, *capture, tls_version)
