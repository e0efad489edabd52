"""Chapter 9: two servers behind nginx, over TLS."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from lab.course.learner import Learner
from lab.course.member import Member, member
from lab.course.problem import WrongError
from lab.course.proxy import FIRST, HTTP, SECOND, SOURCES, Response, Site, proxied
from lab.course.run import Check

POLLING = "/socket.io/?EIO=4&transport=polling"
HANDSHAKE = "Engine.IO 4, Handshake"


async def sticky(subject: Learner) -> None:
    """Every request of a session by polling reaches the server that knows the session."""
    async with proxied(subject) as site:
        for source in SOURCES:
            await _session(site, source)
        _all_used(site.used())


async def upgraded(subject: Learner) -> None:
    """A WebSocket passes the proxy."""
    async with (
        proxied(subject) as site,
        member(site.https, "lab", "ada", link=site.link(SOURCES[0])),
    ):
        pass


async def one_room(subject: Learner) -> None:
    """A room is one room, whichever server its members are at."""
    async with proxied(subject) as site, _members(site) as members:
        _all_used(site.used())
        for number, each in enumerate(members):
            await each.ask("say", room="lab", text=str(number))
        said = {str(number) for number in range(len(members))}
        what = "a message does not reach the members at the other server"
        for each in members:
            heard = partial(_heard, each, said)
            await each.until(heard, what, f"{len(said)} messages", "section 'One room'")


async def closed(subject: Learner) -> None:
    """What servers say to each other can't be said from outside."""
    async with proxied(subject) as site:
        body = json.dumps({"room": "lab", "message": {"name": "eve", "text": "I am ada"}})
        response = await site.ask(SOURCES[0], "/relay", body=body)
    if response.status is not None and response.status < 400:
        what = "everybody may speak for a server at /relay"
        raise WrongError(what, "HTTP 404", str(response), "chapter 9, section 'One room'")


async def to_https(subject: Learner) -> None:
    """Plain HTTP leads to HTTPS."""
    async with proxied(subject) as site:
        try:
            response = await site.ask_without_tls("/socket.io/")
        except OSError:
            what = f"nobody listens at the port {HTTP}"
            raise WrongError(what, "HTTP 301", "a refused connection", "RFC 9110 15.4.2") from None
    place = response.headers.get("location", "")
    if response.status not in (301, 308) or not place.startswith("https://localhost:"):
        what, expected = "plain HTTP does not lead to HTTPS", "HTTP 301 to https://localhost:8443/"
        raise WrongError(what, expected, f"{response} to '{place}'", "RFC 9110 15.4.2")


async def address(subject: Learner) -> None:
    """The server knows a client's address, and believes no client about it."""
    forged = {"X-Forwarded-For": "203.0.113.9"}
    async with proxied(subject) as site:
        link = {**site.link(SOURCES[2]), "additional_headers": forged}
        async with member(site.https, "lab", "ada", link=link) as ada:
            found = ada.joined.get("address")
    if found != SOURCES[2]:
        what = "'joined' has not the client's address"
        raise WrongError(what, f"'{SOURCES[2]}'", json.dumps(found), "chapter 9, exercise 2")


async def cookies(subject: Learner) -> None:
    """Clients behind one address are spread over the servers, and each stays at its own."""
    async with proxied(subject) as site:
        for _ in range(16):
            await _session(site, SOURCES[0])
        _all_used(site.used())


def _heard(one: Member, said: set[str]) -> bool:
    return said <= set(one.texts())


async def _session(site: Site, source: str) -> None:
    """Open a session by polling, connect to the namespace, and poll the answer."""
    opened = await site.ask(source, POLLING)
    if opened.status != 200 or not opened.body.startswith("0{"):
        raise _wrong("no session by polling is opened", opened)
    sid = json.loads(opened.body[1:])["sid"]
    cookie = opened.headers.get("set-cookie", "").split(";")[0]
    for body in ("40", None):
        response = await site.ask(source, f"{POLLING}&sid={sid}", body=body, cookie=cookie)
        if response.status != 200:
            raise _wrong("a request of a session reaches the other server", response)


def _wrong(what: str, response: Response) -> WrongError:
    return WrongError(what, "HTTP 200", str(response), HANDSHAKE, ended=response.status is None)


def _all_used(used: list[int]) -> None:
    for port, count in zip((FIRST, SECOND), used, strict=True):
        if not count:
            what = f"the server at {port} gets no client"
            raise WrongError(what, "some of the clients", "none", "nginx, upstream")


@asynccontextmanager
async def _members(site: Site) -> AsyncIterator[list[Member]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                member(site.https, "lab", source, link=site.link(source))
            )
            for source in SOURCES
        ]


CHECKS: Mapping[str, Check] = {
    "a session stays at its server": sticky,
    "a WebSocket passes the proxy": upgraded,
    "a room is one room": one_room,
    "the servers talk among themselves": closed,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"plain HTTP leads to HTTPS": to_https},
    2: {"the server knows the client's address": address},
    3: {"a cookie spreads clients of one address": cookies},
}
