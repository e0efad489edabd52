"""Every wire by name. A new wire is one file beside this one, and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from lab.contract import Transport

CORE: dict[str, str] = {
    "loopback": "transports.loopback:Loopback",
    "websocket": "transports.websocket:WebSocket",
    "websocket-aiohttp": "transports.websocket_aiohttp:WebSocketAiohttp",
    "socketio-websocket": "transports.socketio_websocket:SocketioWebSocket",
    "socketio-polling": "transports.socketio_polling:SocketioPolling",
    "socketio": "transports.socketio_default:SocketioDefault",
}
"""The wires of the question "WebSocket or Socket.IO?"."""

TUNED: dict[str, str] = {
    "websocket-tuned": "transports.websocket_tuned:WebSocketTuned",
    "socketio-websocket-tuned": "transports.socketio_websocket_tuned:SocketioWebSocketTuned",
    "socketio-polling-tuned": "transports.socketio_polling_tuned:SocketioPollingTuned",
    "socketio-tuned": "transports.socketio_tuned:SocketioTuned",
}
"""The core's protocols without a library on the server's side, written for speed."""

FALLBACKS: dict[str, str] = {
    "xhr-polling": "transports.xhr_polling:XhrPolling",
    "jsonp-polling": "transports.jsonp_polling:JsonpPolling",
    "xhr-multipart": "transports.xhr_multipart:XhrMultipart",
    "htmlfile": "transports.htmlfile:Htmlfile",
    "flashsocket": "transports.flashsocket:FlashSocket",
    "sse": "transports.sse:Sse",
}
"""What Socket.IO fell back to in its first years, and what came after, as bare wires."""

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
"""Yardsticks: not the room, but the least that a server of it has to do."""

PEERS: dict[str, str] = {
    "uwebsockets": "transports.uwebsockets:UWebSockets",
    "picows": "transports.picows:Picows",
}
"""The fastest there are for Python, to be held against."""

GROUPS = {
    "core": CORE,
    "tuned": TUNED,
    "fallbacks": FALLBACKS,
    "node": NODE,
    "limits": LIMITS,
    "peers": PEERS,
}
"""Group name -> its wires, in the order in which they are shown."""

WIRES: dict[str, str] = {**CORE, **TUNED, **FALLBACKS, **NODE, **LIMITS, **PEERS}
"""Wire name -> "module:class"."""

INSTALL = "pip install transport-lab"


class UnknownWireError(LookupError):
    """There is no wire of that name; the message lists those that there are."""


class UnavailableError(RuntimeError):
    """What a wire needs is missing; the message says what, and how to install it."""


def load(name: str) -> Transport:
    """The wire called `name`.

    Raises:
        UnknownWireError: no such wire.
        UnavailableError: a library or program that it needs is not installed.
    """
    if name not in WIRES:
        raise UnknownWireError(f"no wire {name!r}; there are {', '.join(WIRES)}")
    module, attribute = WIRES[name].split(":")
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as missing:
        raise UnavailableError(f"needs {missing.name}: {INSTALL}") from missing
    transport: Transport = kind()
    if (reason := transport.unavailable()) is not None:
        raise UnavailableError(reason)
    return transport


def unavailable(name: str) -> str | None:
    """Why this wire can't run on this machine; None where it can."""
    try:
        load(name)
    except UnavailableError as error:
        return str(error)
    return None


def available() -> list[str]:
    """The wires that can run on this machine, in the order of the registry."""
    return [name for name in WIRES if unavailable(name) is None]


def check(names: Iterable[str]) -> list[str]:
    """The names, in the order of the registry, once each.

    Raises:
        UnknownWireError: one of them is not a wire.
    """
    wanted = set(names)
    unknown = sorted(wanted - set(WIRES))
    if unknown:
        raise UnknownWireError(f"no wire {', '.join(unknown)}; there are {', '.join(WIRES)}")
    return [name for name in WIRES if name in wanted]
