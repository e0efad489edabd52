"""Finds out what answers below the path of Socket.IO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from lab.probe.between import describe_cookies
from lab.probe.client import NO_ANSWER, Client
from lab.probe.exchange import HttpExchange
from lab.probe.findings import EarlySocketIo, Namespace, SocketIo
from lab.probe.packets import (
    CLOSE,
    PONG,
    describe_messages,
    query,
    read_early,
    read_open,
    read_open_3,
)
from lab.probe.response import Response
from lab.probe.sessions import (
    VERSION,
    FramesSession,
    PollingSession,
    Session,
    by_polling,
    by_websocket,
    post,
)
from lab.probe.websocket import OFFER, extensions, opened

TRIES = 6
"""New connections on which a session is looked for: a load balancer alternates, or draws lots."""
OLDER = 3
"""Engine.IO's protocol in Socket.IO 1 and 2."""


class Wishes(msgspec.Struct, frozen=True):
    """What a user wants to know. `auth`: the payload for namespaces, secrets revealed."""

    path: str = "/socket.io/"
    namespaces: tuple[str, ...] = ("/",)
    auth: Any = None
    listen_s: float = 1.0


async def explore(client: Client, wishes: Wishes) -> tuple[SocketIo | None, list[Response]]:
    """What there is of Engine.IO and Socket.IO, and the responses that show it."""
    path = wishes.path
    async with by_polling(client, path) as polling, by_websocket(client, path) as frames:
        responses = [polling.answer, frames.answer]
        ignores_version = read_open_3(polling.answer.text) is not None
        older = ignores_version or await _speaks_older(client, path, polling, frames)
        if ignores_version or (polling.data is None and frames.data is None):
            return (SocketIo(path=path, versions=(OLDER,)) if older else None), responses
        found = await _sessions(client, wishes, polling, frames)
        return msgspec.structs.replace(found, versions=(OLDER,) * older + (VERSION,)), responses


async def _sessions(
    client: Client, wishes: Wishes, polling: PollingSession, frames: FramesSession
) -> SocketIo:
    """What two sessions show, of which one may not have opened."""
    sessions: dict[str, Session] = {"polling": polling, "websocket": frames}
    working = {name: each for name, each in sessions.items() if each.data is not None}
    session = working.get("websocket", polling)
    namespaces = [await session.connect(name, wishes.auth) for name in wishes.namespaces]
    if isinstance(session, FramesSession):
        await session.listen(wishes.listen_s)
    found = SocketIo(
        path=wishes.path,
        transports=tuple(working),
        namespaces=_answered(namespaces),
        unasked=describe_messages(session.unasked, engine_io=True),
        cookies=describe_cookies(polling.answer),
        sticky=await _stickiness(client, polling) if "polling" in working else None,
        extensions=await _extensions(client, wishes.path) if "websocket" in working else (),
    )
    return _with_open_packet(found, next(iter(working.values())).data or {})


def _answered(namespaces: Sequence[Namespace]) -> tuple[Namespace, ...]:
    """None where all requests meet with silence: then nothing reads packets in JSON."""
    silent = all(each.admitted is None and each.reason == NO_ANSWER for each in namespaces)
    return () if silent else tuple(namespaces)


def _with_open_packet(found: SocketIo, data: dict[str, Any]) -> SocketIo:
    upgrades = data.get("upgrades")
    payload = data.get("maxPayload")
    return msgspec.structs.replace(
        found,
        upgrades=tuple(map(str, upgrades)) if isinstance(upgrades, list) else (),
        ping_interval_ms=_number(data.get("pingInterval")),
        ping_timeout_ms=_number(data.get("pingTimeout")),
        max_payload=payload if isinstance(payload, int) else None,
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


async def _extensions(client: Client, path: str) -> tuple[str, ...]:
    resource = f"{path}?{query(VERSION, 'websocket')}"
    async with opened(client, resource, {"Sec-WebSocket-Extensions": OFFER}) as found:
        return extensions(found.response)


async def _speaks_older(
    client: Client, path: str, polling: PollingSession, frames: FramesSession
) -> bool:
    """Whether the server opens sessions of Engine.IO 3 too."""
    answer = await client.ask(client.request(f"{path}?{query(OLDER, 'polling')}"))
    data = read_open_3(answer.text) if answer.status == 200 else None
    if data is not None:
        resource = f"{path}?{query(OLDER, 'polling', data['sid'])}"
        await client.ask(post(client, resource, f"1:{CLOSE}"))
        return True
    if polling.data is not None or frames.data is None:
        return False
    async with opened(client, f"{path}?{query(OLDER, 'websocket')}") as found:
        first = await found.frames.next(client.patience_s) if found.frames else None
        return isinstance(first, str) and read_open(first) is not None


async def _stickiness(client: Client, session: PollingSession) -> str:
    """How a session is found again from new TCP connections."""
    if await _is_found(client, session, {}):
        return "any"
    kept = session.exchange.cookies
    return "cookie" if kept and await _is_found(client, session, kept) else "connection"


async def _is_found(client: Client, session: PollingSession, cookies: dict[str, str]) -> bool:
    """Whether each of several connections finds the session. They bring packets without effect."""
    for _ in range(TRIES):
        async with HttpExchange(client) as exchange:
            exchange.cookies = cookies
            if (await exchange.ask(post(client, session.resource, PONG))).status != 200:
                return False
    return True


async def explore_early(client: Client, path: str) -> EarlySocketIo | None:
    """The handshake of Socket.IO 0.7 to 0.9, where it is answered."""
    answer = await client.ask(client.request(f"{path}1/"))
    return read_early(answer.text) if answer.status == 200 else None
