"""A capture as an HTTP Archive (HAR 1.2), which a browser's network panel can open.

http://www.softwareishard.com/blog/har-12-spec/. The messages of a WebSocket are in the field
`_webSocketMessages`, where Chromium has them too. Fields that identify somebody are left out.
"""

from __future__ import annotations

__pure__ = True

import base64
from collections.abc import Callable, Iterable
from typing import Any

from lab.decode.decode import decode
from lab.decode.http2.frames import PREFACE
from lab.decode.rfc6455 import CLOSE, CONTINUATION, TEXT
from lab.decode.tree import (
    Connection,
    Frame,
    HttpRequest,
    HttpResponse,
    Node,
    StreamPart,
    segments_of,
)
from lab.ledger.show import cleared
from lab.relay.capture import Captured, split

PRIVATE = ("cookie", "set-cookie", "authorization")
UNKNOWN = -1
"""What HAR says where a size or a time is not known."""


Date = Callable[[float], str]
"""A time in seconds since 1970, as ISO 8601 writes it."""


def har_of(
    captured: Iterable[Captured], unix_ns: int, date: Date, version: str, *, tls: bool = False
) -> dict[str, Any]:
    """The archive; `unix_ns` is what to add to a time of the capture for one since 1970.

    `tls`: what was captured went over TLS, and is here as it was inside.
    """
    entries = [
        entry
        for connection in decode(*split(captured)).connections
        for entry in _Archive(connection, unix_ns, date, tls).entries()
    ]
    entries.sort(key=lambda entry: str(entry["startedDateTime"]))
    creator = {"name": "Transport Lab", "version": version}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}


class _Archive:
    """The exchanges of one connection."""

    def __init__(self, connection: Connection, unix_ns: int, date: Date, tls: bool) -> None:
        self._connection = connection
        self._date = date
        self._unix_ns = unix_ns
        self._scheme = "https" if tls else "http"
        self._http = "HTTP/2" if connection.up_bytes.startswith(PREFACE) else "HTTP/1.1"
        self._clear = {
            "up": cleared(connection.up_bytes, connection.up),
            "down": cleared(connection.down_bytes, connection.down),
        }

    def entries(self) -> Iterable[dict[str, Any]]:
        answers: dict[int, list[Node]] = {}
        for node in self._connection.down:
            if isinstance(node, HttpResponse | StreamPart):
                answers.setdefault(node.exchange, []).append(node)
        for node in self._connection.up:
            if isinstance(node, HttpRequest):
                yield self._entry(node, answers.get(node.exchange, []))

    def _entry(self, request: HttpRequest, answers: list[Node]) -> dict[str, Any]:
        last = answers[-1].last_ns if answers else request.last_ns
        first = answers[0].first_ns if answers else request.last_ns
        timings = {
            "send": _ms(request.last_ns - request.first_ns),
            "wait": _ms(max(0, first - request.last_ns)),
            "receive": _ms(last - first),
        }
        entry = {
            "startedDateTime": self._date((request.first_ns + self._unix_ns) / 1e9),
            "time": sum(timings.values()),
            "request": self._request(request),
            "response": self._response(answers),
            "cache": {},
            "timings": timings,
            "connection": str(self._connection.connection),
        }
        messages = self._messages(request.exchange)
        return {**entry, "_webSocketMessages": messages} if messages else entry

    def _request(self, request: HttpRequest) -> dict[str, Any]:
        fields = dict(request.headers)
        host = fields.get(":authority") or fields.get("host", "")
        shown = {
            "method": request.method,
            "url": f"{self._scheme}://{host}{request.target}",
            "httpVersion": self._http,
            "cookies": [],
            "headers": _headers(request),
            "queryString": [],
            **self._sizes([request]),
        }
        body = self._body([request])
        if body:
            kind = fields.get("content-type", "")
            shown["postData"] = {"mimeType": kind, "text": body.decode(errors="replace")}
        return shown

    def _response(self, answers: list[Node]) -> dict[str, Any]:
        # An answer before the last is a 1xx; one that stays open has its parts after it.
        heads = [node for node in answers if isinstance(node, HttpResponse)]
        head = heads[-1] if heads else None
        body = self._body(answers)
        kind = next((v for name, v in head.headers if name == "content-type"), "") if head else ""
        return {
            "status": head.status if head else 0,
            "statusText": head.summary.partition(" ")[2] if head else "",
            "httpVersion": self._http,
            "cookies": [],
            "headers": _headers(head) if head else [],
            "content": {"size": len(body), "mimeType": kind, **_text(body)},
            "redirectURL": "",
            **self._sizes(answers),
        }

    def _sizes(self, nodes: list[Node]) -> dict[str, int]:
        if not nodes:
            return {"headersSize": UNKNOWN, "bodySize": UNKNOWN}
        owned = segments_of(nodes)
        head = sum(each.end - each.start for each in owned if each.label == "http")
        return {
            "headersSize": head,
            "bodySize": sum(each.end - each.start for each in owned) - head,
        }

    def _body(self, nodes: list[Node]) -> bytes:
        """The bodies of messages, without the head and the sizes of chunks."""
        return b"".join(
            self._clear[node.direction][segment.start : segment.end]
            for node in nodes
            for segment in segments_of((node,))
            if segment.layer != "http" or segment.label == "payload"
        )

    def _messages(self, exchange: int) -> list[dict[str, Any]]:
        """The messages of a WebSocket, in the order of time; a fragmented one is put together."""
        found: list[dict[str, Any]] = []
        for way, nodes in (("send", self._connection.up), ("receive", self._connection.down)):
            opcode, parts = TEXT, b""
            for node in nodes:
                if not isinstance(node, Frame) or node.exchange != exchange:
                    continue
                clear = self._clear[node.direction]
                payload = b"".join(clear[start:end] for start, end in node.payload)
                if node.opcode >= CLOSE:
                    continue
                opcode = opcode if node.opcode == CONTINUATION else node.opcode
                parts = payload if node.opcode != CONTINUATION else parts + payload
                if node.fin:
                    found.append(self._message(way, node.last_ns, opcode, parts))
        return sorted(found, key=lambda message: float(message["time"]))

    def _message(self, way: str, at_ns: int, opcode: int, payload: bytes) -> dict[str, Any]:
        said = _text(payload)
        opcode = opcode if "encoding" not in said else 2
        seconds = (at_ns + self._unix_ns) / 1e9
        return {"type": way, "time": seconds, "opcode": opcode, "data": said["text"]}


def _headers(message: HttpRequest | HttpResponse) -> list[dict[str, str]]:
    return [
        {"name": name, "value": value} for name, value in message.headers if name not in PRIVATE
    ]


def _text(data: bytes) -> dict[str, str]:
    """A text as it is; what is none, compressed or binary, in base64."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(data).decode(), "encoding": "base64"}


def _ms(ns: int) -> float:
    return round(ns / 1e6, 3)
