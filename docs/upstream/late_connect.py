"""Whether a poll brings what is there for the client once its WebSocket is open."""

from __future__ import annotations

import json

from docs.upstream.asking import open_session, poll, post, python_socketio, ws
from docs.upstream.telling import tell


async def observe() -> dict[str, str]:
    """What polls get before a probe has come, and after a WebSocket that never sent one."""
    async with python_socketio() as (_, port):
        sid = await open_session(port)
        async with ws(port, sid):
            await post(port, sid, "40")
            found = {"before the probe": _packet((await poll(port, sid)).body)}
        sid = await open_session(port)
        async with ws(port, sid):
            pass
        await post(port, sid, "40")
        found["after a WebSocket without a probe"] = _packet((await poll(port, sid)).body)
    return found


def _packet(body: str) -> str:
    """A payload of one packet, without the sid that is new each time."""
    return "40" if body.startswith("40") and "sid" in json.loads(body[2:]) else body


if __name__ == "__main__":
    tell(__file__, observe)
