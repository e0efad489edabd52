"""Whether a pending poll is answered when its client closes the session by a POST."""

from __future__ import annotations

import asyncio

from docs.upstream.asking import TURNS, enter, others, poll, post, python_socketio
from docs.upstream.telling import tell


async def observe() -> str:
    """What the pending poll gets. It has had time for an answer once others have had theirs."""
    async with python_socketio() as (_, port):
        sid = await enter(port)
        pending = asyncio.create_task(poll(port, sid))
        await others(port)
        await post(port, sid, "1")
        await others(port)
        if pending.done():
            return f"{pending.result().status} {pending.result().body}"
        pending.cancel()
        await asyncio.wait([pending])
        return f"nothing, while {TURNS} later requests are answered"


if __name__ == "__main__":
    tell(__file__, observe)
