"""Answer the opening handshake of RFC 6455, as section 4.2 asks of a server."""

from __future__ import annotations

import base64
import binascii
import hashlib
from http import HTTPStatus

from transports._codec.grammar import RefusedError
from transports._codec.http import Request
from transports._shared.origin import Admission

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_KEY_BYTES = 16

_UPGRADE = {"Upgrade": "websocket"}


def accept(request: Request) -> bytes:
    """Build the response that switches to WebSocket, without extensions or subprotocols.

    Raises:
        RefusedError: the handshake is malformed. Its status is the one that the clause asks for.
    """
    if request.method != "GET":
        reason = "a handshake must be a GET"
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, reason, {"Allow": "GET"})
    if request.version != "HTTP/1.1":
        raise RefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "a handshake must be HTTP/1.1")
    if not request.has("upgrade", "websocket"):
        raise RefusedError(HTTPStatus.UPGRADE_REQUIRED, "Upgrade: websocket is missing", _UPGRADE)
    if not request.has("connection", "upgrade"):
        raise RefusedError(HTTPStatus.UPGRADE_REQUIRED, "Connection: Upgrade is missing", _UPGRADE)
    key = request.headers.get("sec-websocket-key", "")
    _check_key(key)
    if request.headers.get("sec-websocket-version") != "13":
        supported = {**_UPGRADE, "Sec-WebSocket-Version": "13"}  # section 4.4
        reason = "Sec-WebSocket-Version must be 13"
        raise RefusedError(HTTPStatus.UPGRADE_REQUIRED, reason, supported)
    digest = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
    )


def check_admission(request: Request, admission: Admission) -> None:
    """Check Host and Origin by the rule of docs/room.md.

    Raises:
        RefusedError: the Host is not this server's, or pages of this Origin are not allowed.
    """
    if (refusal := admission.refusal(request.headers)) is not None:
        raise RefusedError(*refusal)


def _check_key(key: str) -> None:
    try:
        decoded = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != _KEY_BYTES:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64")
