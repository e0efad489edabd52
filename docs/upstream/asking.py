"""Among the experiments: a python-socketio server by itself, and how it is asked without a client.

Every request goes over a TCP connection of its own, byte by byte as it stands here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect

from lab.handshakes.link import dial, head_of
from lab.handshakes.servers import HOST, python_socketio

__all__ = ["HOST", "python_socketio"]

PATIENCE_S = 30
TURNS = 20
OPENING = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
"""A right opening handshake (RFC 6455, 1.3)."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response; its status is 0 where none came."""

    status: int
    body: str


async def ask(
    port: int, query: str, body: str | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """GET /socket.io/ with `query`, or POST `body` to it."""
    async with dial(HOST, port) as line:
        line.send(request(query, body, headers))
        response = await line.response(PATIENCE_S)
        head = head_of(response)
        return Answer(head.status_code if head else 0, line.body(response).decode())


def request(query: str, body: str | None = None, headers: dict[str, str] | None = None) -> bytes:
    """The bytes of a request."""
    data = b"" if body is None else body.encode()
    fields = {"Host": "lab", **(headers or {})}
    if body is not None:
        fields["Content-Length"] = str(len(data))
    head = [f"{'GET' if body is None else 'POST'} /socket.io/?{query} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*head, "", ""]).encode() + data


def session(sid: str) -> str:
    """The query of a polling session's requests."""
    return f"EIO=4&transport=polling&sid={sid}"


async def open_session(port: int) -> str:
    """Open a polling session; its sid."""
    answer = await ask(port, "EIO=4&transport=polling")
    sid: str = json.loads(answer.body[1:])["sid"]
    return sid


async def enter(port: int) -> str:
    """Open a polling session that is in the main namespace; its sid."""
    sid = await open_session(port)
    await post(port, sid, "40")
    await poll(port, sid)
    return sid


async def poll(port: int, sid: str) -> Answer:
    """One poll."""
    return await ask(port, session(sid))


async def post(port: int, sid: str, *packets: str) -> Answer:
    """Post the packets in one body."""
    return await ask(port, session(sid), "\x1e".join(packets))


async def others(port: int) -> None:
    """Let later requests be answered: what was due before them is done, whatever the machine."""
    for _ in range(TURNS):
        await open_session(port)


def ws(port: int, sid: str | None = None) -> connect:
    """A WebSocket to the server, of a session of its own or of one that is there."""
    url = f"ws://{HOST}:{port}/socket.io/?EIO=4&transport=websocket"
    return connect(url if sid is None else f"{url}&sid={sid}", compression=None)


async def enter_by(line: ClientConnection) -> None:
    """Enter the main namespace over a WebSocket."""
    await line.recv()
    await line.send("40")
    await line.recv()
