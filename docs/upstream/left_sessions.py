"""How many sessions are left by WebSocket handshakes that were refused, and by broken packets."""

from __future__ import annotations

from docs.upstream.asking import OPENING, ask, enter_by, python_socketio, ws
from docs.upstream.telling import tell

ATTEMPTS = 75
WRONG = {
    "version 99": {**OPENING, "Sec-WebSocket-Version": "99"},
    "no key": {name: value for name, value in OPENING.items() if name != "Sec-WebSocket-Key"},
    "no Connection": {name: value for name, value in OPENING.items() if name != "Connection"},
}


async def observe() -> dict[str, tuple[int, int]]:
    """For each fault the status of the answer, and how many sessions are left."""
    found = {}
    for name, headers in WRONG.items():
        async with python_socketio() as (server, port):
            for _ in range(ATTEMPTS):
                answer = await ask(port, "EIO=4&transport=websocket", headers=headers)
            found[name] = answer.status, len(server.eio.sockets)
    async with python_socketio() as (server, port):
        for _ in range(ATTEMPTS):
            async with ws(port) as line:
                await enter_by(line)
                await line.send("no packet")
                await line.wait_closed()
        found["a frame that is no packet"] = 101, len(server.eio.sockets)
    return found


if __name__ == "__main__":
    tell(__file__, observe)
