"""Writes a first scenario from what a probe found: how to connect, and what is to be filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lab.probe.findings import Findings, Namespace, NativeWebSocket, SocketIo
from lab.target.errors import TargetError
from lab.target.problems import SEE_PROBE
from lab.target.target import SOCKET_IO_PATH

LOAD = """[load]
clients = 2
rate = 2 # messages a second, of all clients together
duration = 5 # seconds

# With the server's process, the run says which side was short of CPU:
# [server]
# command = ["node", "index.js", "{port}"]
"""
SOCKET_IO_MESSAGE = """\
# What a client of your application sends, which a probe can't know. {id} has to come back.
[send]
event = "chat message"
args = ["{id} {text:32}"]

# What answers the sender, one of:
# answer = "ack"
# [answer]
# event = "said"
# id = "0.id"

# Who gets it: everybody, others, room or room-others. `what`: how it looks, if not as it was sent.
[broadcast]
to = "everybody"
# what = { event = "said", id = "0.id" }
"""
NATIVE_MESSAGE = """\
# What a client of your application sends, which a probe can't know. {id} has to come back.
[send]
text = "{id} {text:32}"
# json = { type = "say", id = "{id:number}", text = "{text:32}" }

# What answers the sender, one of:
# answer = "echo"
# [answer]
# match = { type = "said" }
# id = "id"

# Who gets it: everybody, others, room or room-others. `what`: how it looks, if not as it was sent.
[broadcast]
to = "everybody"
# what = { match = { type = "message" }, id = "id" }
"""


def first_scenario(
    found: Findings, url: str, given: Mapping[str, Mapping[str, Any]], *, native: bool
) -> str:
    """A scenario in TOML for the target. `native`: its WebSocket first, if it speaks both.

    `given`: the headers and the auth payload of the probe, with their references to secrets.

    Raises:
        TargetError: it speaks nothing that a scenario can use.
    """
    socket_io, plain = found.socket_io, found.native
    admitted = _admitted(socket_io)
    if socket_io is not None and admitted is not None and not (native and _opened(plain)):
        connect = [*_socket_io(socket_io, admitted), *_tables(given)]
        message = SOCKET_IO_MESSAGE
    elif plain is not None and plain.opened:
        connect = [*_native(plain), *_tables({"headers": given.get("headers", {})})]
        message = NATIVE_MESSAGE
    else:
        raise TargetError(
            "nothing there can be loaded: no WebSocket opens at this URL, and no namespace of "
            "Socket.IO lets a client in",
            SEE_PROBE,
        )
    parts = [
        f"# A first scenario for {url}, from what `lab probe` saw. docs/load.md has all keys.",
        "",
        f"name = {_text(_name(url))}",
        f"url = {_text(url)}",
        "",
        "[connect]",
        *connect,
        "",
        message,
        LOAD,
    ]
    return "\n".join(parts)


def _opened(native: NativeWebSocket | None) -> bool:
    return native is not None and native.opened


def _admitted(socket_io: SocketIo | None) -> Namespace | None:
    """The first namespace that lets a client in."""
    namespaces = socket_io.namespaces if socket_io is not None else ()
    return next((each for each in namespaces if each.admitted), None)


def _socket_io(found: SocketIo, namespace: Namespace) -> Iterator[str]:
    ways: list[str] = [way for way in ("websocket", "polling") if way in found.transports]
    if "websocket" in found.upgrades and "upgrade" not in ways:
        ways.append("upgrade")
    yield 'transport = "socketio"'
    yield f"mode = {_text(ways[0])} # it takes {', '.join(ways)}"
    if found.path != SOCKET_IO_PATH:
        yield f"path = {_text(found.path)}"
    if namespace.name != "/":
        yield f"namespace = {_text(namespace.name)}"
    if found.max_payload is not None:
        yield f"# a message may have {found.max_payload} bytes"


def _native(found: NativeWebSocket) -> Iterator[str]:
    yield 'transport = "websocket"'
    if found.subprotocol is not None:
        yield f"subprotocols = [{_text(found.subprotocol)}]"
    if found.unasked:
        yield f"# the server sends {len(found.unasked)} messages by itself after the handshake"


def _name(url: str) -> str:
    """A scenario's name from the target's host and port."""
    host = url.partition("://")[2].partition("/")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", host).strip("-")[:40] or "target"


def _text(value: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=True)


def _tables(given: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for key, table in given.items():
        if table:
            yield f"{key} = {_value(table)}"


def _value(value: Any) -> str:
    """An inline value of TOML. It has no null: such a key is left out."""
    if isinstance(value, Mapping):
        pairs = (
            f"{_text(key)} = {_value(each)}" for key, each in value.items() if each is not None
        )
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value if each is not None)}]"
    return json.dumps(value)
