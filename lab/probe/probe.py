"""Probes one endpoint: everything that a server says of itself, and what its handshakes cost."""

from __future__ import annotations

import asyncio

import msgspec

from lab.probe.between import headers_between
from lab.probe.browser import explore_browser
from lab.probe.client import HUNG_UP, NO_ANSWER, NOT_HTTP, SHORTEST_PATIENCE_S, Client
from lab.probe.findings import Findings, NativeWebSocket, SocketIo
from lab.probe.handshakes import costs_of_handshakes, handshakes
from lab.probe.native import explore_native
from lab.probe.packets import query, shown
from lab.probe.response import Response
from lab.probe.security import tls_of
from lab.probe.sessions import VERSION
from lab.probe.socket_io import Wishes, explore, explore_early
from lab.probe.unknown import unknown
from lab.probe.websocket import opening
from lab.target.errors import TargetError
from lab.target.problems import not_http, problem_of


async def probe(
    client: Client, wishes: Wishes | None = None, subprotocols: tuple[str, ...] = ()
) -> Findings:
    """Find out what the endpoint speaks.

    Raises:
        TargetError: it does not speak HTTP/1.1, or does not answer.
    """
    wishes = wishes or Wishes()
    page = await _first_answer(client, wishes.path)
    (native, first), (socket_io, responses), early, tls = await asyncio.gather(
        _native(client, wishes, subprotocols),
        explore(client, wishes),
        explore_early(client, wishes.path),
        tls_of(client),
    )
    browser, others = await explore_browser(client, *_resources(client, native, socket_io))
    costs, failed = await costs_of_handshakes(
        handshakes(client, wishes, native, socket_io), tls.version if tls else ""
    )
    target = client.endpoint.target
    found = Findings(
        target=str(target),
        address=client.endpoint.address,
        foreign=client.endpoint.foreign,
        dial_ns=client.dial_ns or 0,
        page=_page(page),
        tls=tls,
        native=native,
        socket_io=socket_io,
        early=early,
        transports=costs,
        failed=failed,
        browser=browser,
        headers=headers_between([page, first, *responses, *others]),
    )
    return msgspec.structs.replace(found, unknown=tuple(unknown(found, wishes.listen_s)))


async def _first_answer(client: Client, path: str) -> Response:
    """The answer to a plain GET. Where there is none, a handshake must have one.

    Some servers answer opening handshakes alone, and some only what is below Socket.IO's path.
    """
    target = client.endpoint.target
    requests = (
        client.request(target.resource, {"Accept": "*/*"}),
        opening(client, target.resource),
        client.request(f"{target.socket_io(path).resource}?{query(VERSION, 'polling')}"),
    )
    asked = [asyncio.create_task(client.ask(requests[0]))]
    try:
        await asyncio.wait(asked, timeout=SHORTEST_PATIENCE_S)
        if not asked[0].done() or asked[0].result().status is None:
            asked += [asyncio.create_task(client.ask(each)) for each in requests[1:]]
        for each in asyncio.as_completed(asked):
            if (await each).status is not None:
                break
        else:
            page, other = asked[0].result(), asked[1].result()
            raise _no_http(client, other if page.problem == HUNG_UP else page)
        client.hasten()
        await asyncio.wait(asked[:1], timeout=client.patience_s)
        return asked[0].result() if asked[0].done() else Response(problem=NO_ANSWER)
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def _page(page: Response) -> str:
    """The answer to a plain GET. A redirect is shown and not followed."""
    location = page.get("location")
    return f"{page} to {shown(location)}" if location else str(page)


def _no_http(client: Client, answer: Response) -> TargetError:
    target = client.endpoint.target
    if answer.problem == NO_ANSWER:
        return problem_of(TimeoutError(), target, client.timeout_s)
    if answer.problem in (NOT_HTTP, HUNG_UP):
        return not_http(answer.first_bytes, target)
    return TargetError(f"{target.authority} sends {answer.problem}", "check the port")


async def _native(
    client: Client, wishes: Wishes, subprotocols: tuple[str, ...]
) -> tuple[NativeWebSocket | None, Response]:
    target = client.endpoint.target
    if target.path == wishes.path:  # what opens there is Socket.IO's
        return None, Response()
    return await explore_native(client, target.resource, wishes.listen_s, subprotocols)


def _resources(
    client: Client, native: NativeWebSocket | None, socket_io: SocketIo | None
) -> tuple[str | None, str | None]:
    """What opens a WebSocket, and the path that answers polls."""
    offered = socket_io.transports if socket_io is not None else ()
    path = socket_io.path if socket_io is not None else ""
    websocket = f"{path}?{query(VERSION, 'websocket')}" if "websocket" in offered else None
    if native is not None and native.opened:
        websocket = client.endpoint.target.resource
    return websocket, path if "polling" in offered else None
