"""What becomes of 16 packets in one POST, and of 17."""

from __future__ import annotations

import asyncio

from docs.upstream.asking import enter, others, poll, post, python_socketio
from docs.upstream.telling import tell


async def observe() -> dict[str, tuple[int, int]]:
    """For each number of packets the answer's status, and how many events were delivered."""
    found = {}
    async with python_socketio(async_handlers=False) as (server, port):
        for count in (16, 17):
            heard: list[str] = []
            server.on("said", lambda _sid, text, heard=heard: heard.append(text))
            sid = await enter(port)
            polling = asyncio.create_task(poll(port, sid))
            await others(port)
            answer = await post(port, sid, *(f'42["said","{n}"]' for n in range(count)))
            found[str(count)] = answer.status, len(heard)
            polling.cancel()
            await asyncio.wait([polling])
    return found


if __name__ == "__main__":
    tell(__file__, observe)
