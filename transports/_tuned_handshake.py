"""Shared by the tuned wires: the server's half of RFC 6455's opening handshake (section 4.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from http import HTTPStatus

from transports import _origin
from transports._tuned_http import RefusedError, Request

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16

_UPGRADE = {"Upgrade": "websocket"}


def accept(request: Request) -> bytes:
    """The response that switches to WebSocket, without extensions or subprotocols.

    Raises:
        RefusedError: the handshake is malformed; with the status that its clause asks for.
    """
    if request.method != "GET":
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "a handshake is a GET", {"Allow": "GET"})
    if request.version != "HTTP/1.1":
        raise RefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "a handshake is HTTP/1.1")
    if not request.has("upgrade", "websocket"):
        raise RefusedError(HTTPStatus.UPGRADE_REQUIRED, "Upgrade: websocket is missing", _UPGRADE)
    if not request.has("connection", "upgrade"):
        raise RefusedError(HTTPStatus.UPGRADE_REQUIRED, "Connection: Upgrade is missing", _UPGRADE)
    key = request.headers.get("sec-websocket-key", "")
    _check_key(key)
    if request.headers.get("sec-websocket-version") != "13":
        spoken = {**_UPGRADE, "Sec-WebSocket-Version": "13"}  # section 4.4
        raise RefusedError(HTTPStatus.UPGRADE_REQUIRED, "Sec-WebSocket-Version is 13", spoken)
    digest = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
    )


def check_origin(request: Request, origins: tuple[str, ...] | None) -> None:
    """Let browsers in from the allowed pages only (section 10.2).

    Raises:
        RefusedError: the page is another.
    """
    headers = request.headers
    if not _origin.allowed(headers.get("origin"), headers.get("host"), origins):
        raise RefusedError(HTTPStatus.FORBIDDEN, "this Origin is not allowed")


def _check_key(key: str) -> None:
    try:
        decoded = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != _KEY_BYTES:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key is 16 bytes in base64")
