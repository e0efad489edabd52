"""The few packets of Engine.IO and Socket.IO that a probe sends and reads."""

from __future__ import annotations

__pure__ = True

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from lab.probe.findings import EarlySocketIo, Namespace

SEPARATOR = "\x1e"
"""Between the packets of a payload (Engine.IO protocol 4)."""
CLOSE, PING, PONG, PROBE, PROBED, UPGRADE = "1", "2", "3", "2probe", "3probe", "5"
SHOWN = 60

_open_3 = re.compile(r"\d+:0(?=\{)")
"""How a payload of Engine.IO protocol 3 begins: the length of a packet, then the packet."""
_answer = re.compile(r"4(?P<kind>[04])(?:(?P<namespace>/[^,]*),)?(?P<data>.*)", re.DOTALL)
_event = re.compile(r"4[25](?:\d+-)?(?:(?P<namespace>/[^,]*),)?\d*(?P<data>\[.*)", re.DOTALL)
_early = re.compile(r"[^:\s]+:(?P<heartbeat>\d*):(?P<close>\d*):(?P<transports>[a-z,-]+)")


def query(version: int, transport: str, sid: str = "") -> str:
    """The query of a request (Engine.IO protocol, "Query parameters")."""
    parameters = {"EIO": str(version), "transport": transport, "sid": sid}
    return urlencode({name: value for name, value in parameters.items() if value})


def read_open(text: str) -> dict[str, Any] | None:
    """What an open packet of Engine.IO protocol 4 says; None where it is none."""
    return _session(text[1:]) if text.startswith("0{") else None


def read_open_3(text: str) -> dict[str, Any] | None:
    """What the first packet of a payload of Engine.IO protocol 3 says; None where it is no open."""
    begin = _open_3.match(text)
    return _session(text[begin.end() :]) if begin else None


def _session(text: str) -> dict[str, Any] | None:
    try:
        found, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("sid"), str) else None


def connect_packet(namespace: str, auth: Any = None) -> str:
    """The packet that asks for a namespace (Socket.IO protocol, "Connection to a namespace")."""
    where = "" if namespace == "/" else f"{namespace},"
    return f"40{where}" + ("" if auth is None else json.dumps(auth, separators=(",", ":")))


def read_admission(packet: str, namespace: str) -> Namespace | None:
    """What a packet says about a namespace; None where it says nothing about it."""
    found = _answer.fullmatch(packet)
    if found is None or (found["namespace"] or "/") != namespace:
        return None
    if found["kind"] == "0":
        return Namespace(namespace, True)
    said = _json(found["data"])
    reason = said.get("message") if isinstance(said, dict) else said
    return Namespace(namespace, False, shown(str(reason or "")))


def read_early(text: str) -> EarlySocketIo | None:
    """The body of a handshake of Socket.IO 0.7 to 0.9; None where it is none."""
    found = _early.fullmatch(text.strip())
    if found is None:
        return None
    transports = tuple(name for name in found["transports"].split(",") if name)
    return EarlySocketIo(_number(found["heartbeat"]), _number(found["close"]), transports)


def describe_messages(messages: Iterable[str | bytes], engine_io: bool = False) -> tuple[str, ...]:
    """One line for each message that an application sent; the protocol's own have none."""
    read = _events if engine_io else _plain
    return tuple(dict.fromkeys(read(messages)))


def _plain(messages: Iterable[str | bytes]) -> Iterator[str]:
    for message in messages:
        yield shown(message) if isinstance(message, str) else f"{len(message)} bytes"


def _events(messages: Iterable[str | bytes]) -> Iterator[str]:
    for message in messages:
        found = _event.fullmatch(message) if isinstance(message, str) else None
        data = _json(found["data"]) if found else None
        if found and isinstance(data, list) and data and isinstance(data[0], str):
            where = f" in {found['namespace']}" if found["namespace"] else ""
            yield f"{shown(data[0])}{where}"


def shown(text: str) -> str:
    """One printable line of a server's text."""
    line = "".join(char if char.isprintable() else "·" for char in text)
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | None:
    return float(text) if text else None
