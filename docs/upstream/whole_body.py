"""What arrives of a POST whose body comes in two TCP segments."""

from __future__ import annotations

from docs.upstream.asking import (
    HOST,
    PATIENCE_S,
    enter,
    others,
    python_socketio,
    request,
    session,
)
from docs.upstream.telling import tell
from lab.handshakes.link import dial, head_of

PACKETS = ['42["said","first"]', '42["said","second"]']


async def observe() -> tuple[int, list[str]]:
    """The answer's status, and the texts that the application was handed."""
    heard: list[str] = []
    async with python_socketio(async_handlers=False) as (server, port):
        server.on("said", lambda _sid, text: heard.append(text))
        sid = await enter(port)
        whole = request(session(sid), "\x1e".join(PACKETS))
        middle = whole.index(b"\x1e")
        async with dial(HOST, port) as line:
            line.send(whole[:middle])
            await others(port)
            line.send(whole[middle:])
            head = head_of(await line.response(PATIENCE_S))
    return head.status_code if head else 0, heard


if __name__ == "__main__":
    tell(__file__, observe)
