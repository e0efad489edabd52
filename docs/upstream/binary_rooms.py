"""What members on different transports get of one emit that carries bytes."""

from __future__ import annotations

import asyncio

from docs.upstream.asking import enter, enter_by, others, poll, python_socketio, ws
from docs.upstream.telling import tell

SENT = b"\x00\x01\x02"


async def observe() -> dict[str, dict[str, str]]:
    """By who joined first: the attachment as the member on each transport is sent it."""
    return {
        "polling first": await _emit(polling_first=True),
        "websocket first": await _emit(polling_first=False),
    }


async def _emit(*, polling_first: bool) -> dict[str, str]:
    async with python_socketio() as (server, port):
        sid = await enter(port) if polling_first else ""
        async with ws(port) as line:
            await enter_by(line)
            sid = sid or await enter(port)
            pending = asyncio.create_task(poll(port, sid))
            await others(port)
            await server.emit("said", SENT)
            await line.recv()
            attachment = await line.recv()
            answer = await pending
            if "\x1e" not in answer.body and answer.status == 200:
                answer = await poll(port, sid)
    return {"websocket": repr(attachment), "polling": f"{answer.status} {answer.body}"}


if __name__ == "__main__":
    tell(__file__, observe)
