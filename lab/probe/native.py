"""Finds out what a native WebSocket server does at the target's own URL."""

from __future__ import annotations

import msgspec

from lab.probe.client import Client
from lab.probe.findings import NativeWebSocket
from lab.probe.packets import describe_messages
from lab.probe.response import Response
from lab.probe.websocket import (
    INVENTED,
    OFFER,
    SUBPROTOCOLS,
    Opened,
    extensions,
    opened,
)

EXTENSIONS, PROTOCOL = "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"


async def explore_native(
    client: Client, resource: str, listen_s: float, subprotocols: tuple[str, ...] = ()
) -> tuple[NativeWebSocket, Response]:
    """What there is of RFC 6455, and the response that shows it.

    `subprotocols`: those to offer instead of well-known ones.
    """
    headers = {EXTENSIONS: OFFER}
    if subprotocols:  # the server may refuse a client that offers none
        headers[PROTOCOL] = ", ".join(subprotocols)
    async with opened(client, resource, headers) as first:
        found = NativeWebSocket(resource=resource, answer=str(first.response))
        if first.frames is not None:
            found = await _choice(client, found, subprotocols)
            found = await _listened(client, found, first, listen_s)
        return found, first.response


async def _choice(
    client: Client, found: NativeWebSocket, subprotocols: tuple[str, ...]
) -> NativeWebSocket:
    """Which subprotocol the server chooses; some servers take whatever comes first."""
    offered = subprotocols or (INVENTED, *SUBPROTOCOLS)
    async with opened(client, found.resource, {PROTOCOL: ", ".join(offered)}) as answer:
        chosen = answer.response.get(PROTOCOL.lower())
    return msgspec.structs.replace(
        found,
        subprotocol=None if chosen == INVENTED else chosen,
        takes_any_subprotocol=chosen == INVENTED,
        subprotocols_offered=subprotocols or SUBPROTOCOLS,
    )


async def _listened(
    client: Client, found: NativeWebSocket, first: Opened, listen_s: float
) -> NativeWebSocket:
    """What the server does with an open connection."""
    assert first.frames is not None
    pong_ns = await first.frames.ping(client.patience_s)
    await first.frames.listen(listen_s)
    return msgspec.structs.replace(
        found,
        opened=True,
        accept_valid=first.accept_valid,
        extensions=extensions(first.response),
        unasked=describe_messages(first.frames.messages),
        pong_ns=pong_ns,
        pings=first.frames.pings,
        closed=first.frames.close,
    )
