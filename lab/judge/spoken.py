"""Finds out which of the protocols a server speaks, before the cases are played."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from lab.decode.rfc6455 import TEXT
from lab.judge.application import SOCKET_IO, Application
from lab.judge.engineio.session import Frames, engine_of, packets_in, terms_in, websocket
from lab.judge.http import http
from lab.judge.player import Player, WrongError
from lab.judge.site import Site
from lab.judge.websocket.build import frame
from lab.judge.websocket.received import frames_in, messages_in

GREETING = b"lab judge: which messages come before this one?"


async def learn(site: Site) -> tuple[Site, list[str]]:
    """The site with what the server says of itself, and the protocols that it speaks.

    Raises:
        OSError: it does not listen.
    """
    native, polled, framed = await asyncio.gather(
        _opens(site), _terms_of_a_poll(site), _terms_of_a_websocket(site)
    )
    spoken = []
    if polled is not None or framed is not None:
        site = _with_engine(site, polled, framed)
        spoken = ["engineio", "socketio"]
    else:
        site = replace(site, engine=None)
    if native:
        spoken.insert(0, "websocket")
        if site.application is not None and site.application.echoes:
            site = replace(site, application=await _counted(site, site.application))
    elif framed is not None and site.engine is not None:
        spoken.insert(0, "websocket")
        site = replace(site, opening=site.engine.opening(), application=SOCKET_IO)
    return site, spoken


async def _opens(site: Site) -> bool:
    """Whether the server answers an opening handshake where it is asked for."""
    try:
        async with Player(site).upgraded():
            return True
    except WrongError:
        return False


async def _terms_of_a_poll(site: Site) -> dict[str, Any] | None:
    player = Player(site)
    try:
        async with http(player) as client:
            answer = (await client.ask(engine_of(player).polling())).must_be(200)
            return terms_in(packets_in(answer)[0])
    except WrongError:
        return None


async def _terms_of_a_websocket(site: Site) -> dict[str, Any] | None:
    player = Player(site)
    try:
        async with websocket(player) as session:
            return await _first(session)
    except WrongError:
        return None


async def _first(session: Frames) -> dict[str, Any]:
    return terms_in(await session.due("an open packet"))


def _with_engine(site: Site, polled: dict[str, Any] | None, framed: dict[str, Any] | None) -> Site:
    """The site with the heartbeat and the largest message that the handshake names."""
    terms = polled or framed or {}
    assert site.engine is not None, "Engine.IO was asked for"
    engine = replace(
        site.engine,
        polls=polled is not None,
        frames=framed is not None,
        interval_s=_number(terms, "pingInterval", 25_000) / 1000,
        timeout_s=_number(terms, "pingTimeout", 20_000) / 1000,
    )
    most = site.frame_bytes or _number(terms, "maxPayload", 0) or None
    return replace(site, engine=engine, frame_bytes=most)


def _number(terms: dict[str, Any], name: str, otherwise: int) -> int:
    found = terms.get(name)
    return found if isinstance(found, int) else otherwise


async def _counted(site: Site, echo: Application) -> Application:
    """The echo, with the number of messages that the server sends before the first one."""
    async with Player(site).upgraded() as connection:
        start = connection.position

        def before() -> list[bytes]:
            found = messages_in(frames_in(connection.received, start))
            return [message.data for message in found]

        connection.send(frame(TEXT, GREETING))
        await connection.until(lambda: GREETING in before(), site.patience_s)
        messages = before()
    return echo._replace(skipped=messages.index(GREETING) if GREETING in messages else 0)
