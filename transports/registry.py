"""List the transports by name. A new transport is one file in this package, and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from lab.contract import Transport
from transports._shared import extras

CORE: dict[str, str] = {
    "loopback": "transports.loopback:Loopback",
    "websocket": "transports.websocket:WebSocket",
    "websocket-aiohttp": "transports.websocket_aiohttp:WebSocketAiohttp",
    "socketio-websocket": "transports.socketio_websocket:SocketioWebSocket",
    "socketio-polling": "transports.socketio_polling:SocketioPolling",
    "socketio": "transports.socketio_default:SocketioDefault",
}
"""The transports of the question "WebSocket or Socket.IO?"."""

TUNED: dict[str, str] = {
    "websocket-tuned": "transports.websocket_tuned:WebSocketTuned",
    "socketio-websocket-tuned": "transports.socketio_websocket_tuned:SocketioWebSocketTuned",
    "socketio-polling-tuned": "transports.socketio_polling_tuned:SocketioPollingTuned",
    "socketio-tuned": "transports.socketio_tuned:SocketioTuned",
}
"""The core's protocols with a server that uses no library and is written for speed."""

FALLBACKS: dict[str, str] = {
    "xhr-polling": "transports.xhr_polling:XhrPolling",
    "jsonp-polling": "transports.jsonp_polling:JsonpPolling",
    "xhr-multipart": "transports.xhr_multipart:XhrMultipart",
    "htmlfile": "transports.htmlfile:Htmlfile",
    "flashsocket": "transports.flashsocket:FlashSocket",
    "sse": "transports.sse:Sse",
}
"""The fallbacks of Socket.IO's first years, and their successor, without Socket.IO around them."""

NODE: dict[str, str] = {
    "node-websocket": "transports.node_websocket:NodeWebSocket",
    "node-socketio-websocket": "transports.node_socketio_websocket:NodeSocketioWebSocket",
    "node-socketio-polling": "transports.node_socketio_polling:NodeSocketioPolling",
    "node-socketio": "transports.node_socketio:NodeSocketioDefault",
}
"""The reference stack: servers in Node."""

LIMITS: dict[str, str] = {
    "limit-tcp": "transports.limit_tcp:LimitTcp",
    "limit-gathered": "transports.limit_gathered:LimitGathered",
}
"""Baselines: not the room, but the least that a server of the room must do."""

PEERS: dict[str, str] = {
    "uwebsockets": "transports.uwebsockets:UWebSockets",
    "picows": "transports.picows:Picows",
}
"""The fastest WebSocket servers for Python, to compare with."""

TODAY: dict[str, str] = {
    "http-stream": "transports.http_stream:HttpStream",
    "http-stream-h2": "transports.http_stream_h2:HttpStreamH2",
    "sse-h2": "transports.sse_h2:SseH2",
    "websocket-h2": "transports.websocket_h2:WebSocketH2",
    "webtransport": "transports.webtransport:WebTransport",
    "socketio-webtransport": "transports.socketio_webtransport:SocketioWebTransport",
    "socketio-msgpack": "transports.socketio_msgpack:SocketioMsgpack",
    "node-socketio-msgpack": "transports.node_socketio_msgpack:NodeSocketioMsgpack",
}
"""What is built today, beside the core and after it."""

GROUPS = {
    "core": CORE,
    "tuned": TUNED,
    "fallbacks": FALLBACKS,
    "node": NODE,
    "limits": LIMITS,
    "peers": PEERS,
    "today": TODAY,
}
"""Group name -> its transports, in the order of the reports."""

TRANSPORTS: dict[str, str] = {**CORE, **TUNED, **FALLBACKS, **NODE, **LIMITS, **PEERS, **TODAY}
"""Transport name -> "module:class"."""


class UnknownTransportError(LookupError):
    """There is no transport of that name. The message lists all names."""


class UnavailableError(RuntimeError):
    """A transport needs a library or program that is missing. The message says what to install."""


def load(name: str) -> Transport:
    """Return the transport called `name`.

    Raises:
        UnknownTransportError: there is no such transport.
        UnavailableError: a library or program that it needs is not installed.
    """
    if name not in TRANSPORTS:
        raise UnknownTransportError(f"no transport {name!r}; there are {', '.join(TRANSPORTS)}")
    module, attribute = TRANSPORTS[name].split(":")
    try:
        transport: Transport = getattr(importlib.import_module(module), attribute)()
        reason = transport.unavailable()
    except (ImportError, OSError) as error:
        raise UnavailableError(extras.reason(error)) from error
    if reason is not None:
        raise UnavailableError(reason)
    return transport


def unavailable(name: str) -> str | None:
    """Why this transport can't run on this machine; None if it can."""
    try:
        load(name)
    except UnavailableError as error:
        return str(error)
    return None


def available() -> list[str]:
    """The transports that can run on this machine, in the order of the registry."""
    return [name for name in TRANSPORTS if unavailable(name) is None]


def check(names: Iterable[str]) -> list[str]:
    """Return the names once each, in the order of the registry.

    Raises:
        UnknownTransportError: one of them is not a transport.
    """
    wanted = set(names)
    unknown = sorted(wanted - set(TRANSPORTS))
    if unknown:
        raise UnknownTransportError(
            f"no transport {', '.join(unknown)}; there are {', '.join(TRANSPORTS)}"
        )
    return [name for name in TRANSPORTS if name in wanted]
