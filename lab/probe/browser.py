"""What a page of another site meets: CORS, a foreign Origin, a foreign Host."""

from __future__ import annotations

import asyncio

from lab.handshakes.request import Request
from lab.probe.client import Client
from lab.probe.findings import Browser
from lab.probe.packets import query
from lab.probe.response import Response
from lab.probe.sessions import VERSION
from lab.probe.websocket import opening

FOREIGN_HOST = "probe.example"
"""No server has it: the domain is reserved (RFC 2606 section 3)."""
FOREIGN_ORIGIN = f"https://{FOREIGN_HOST}"


async def explore_browser(
    client: Client, websocket: str | None, polling: str | None
) -> tuple[Browser, list[Response]]:
    """Ask as a foreign page would. `websocket`: the resource that opens one, if any does.

    `polling`: the path of Socket.IO where it answers polls.
    """
    origin = {"Origin": FOREIGN_ORIGIN}
    page = client.endpoint.target.resource
    http = page if polling is None else f"{polling}?{query(VERSION, 'polling')}"
    requests = [
        client.request(http, origin),
        _preflight(client, http),
        _with_foreign_host(client, websocket, http),
    ]
    if websocket is not None:
        requests.append(opening(client, websocket, origin))
    read, preflight, host, *opens = await asyncio.gather(*map(client.ask, requests))
    found = Browser(
        allow_origin=read.get("access-control-allow-origin"),
        allow_credentials=read.get("access-control-allow-credentials") == "true",
        preflight=str(preflight),
        websocket=str(opens[0]) if opens else None,
        polling=None if polling is None else str(read),
        host=str(host),
    )
    return found, [read, preflight, host]


def _preflight(client: Client, resource: str) -> Request:
    asked = {
        "Origin": FOREIGN_ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return client.request(resource, asked, method="OPTIONS")


def _with_foreign_host(client: Client, websocket: str | None, http: str) -> Request:
    headers = {"Host": FOREIGN_HOST}
    if websocket is not None:
        return opening(client, websocket, headers)
    return client.request(http, headers)
