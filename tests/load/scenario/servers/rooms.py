"""A python-socketio app for an ASGI server, written as its documents have it: rooms in a namespace.

https://python-socketio.readthedocs.io/en/stable/server.html#class-based-namespaces
"""

from __future__ import annotations

import os
from typing import Any

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


class Chat(socketio.AsyncNamespace):  # type: ignore[misc]
    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        if not auth or auth.get("token") != os.environ["CHAT_TOKEN"]:
            raise socketio.exceptions.ConnectionRefusedError(f"not admitted with {auth}")

    async def on_join(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        await self.enter_room(sid, data["room"])
        await self.save_session(sid, data)
        return {"ok": True}

    async def on_say(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        session = await self.get_session(sid)
        said = {"name": session["name"], **data}
        await self.emit("said", said, room=session["room"], skip_sid=sid)
        return {"ok": True}


sio.register_namespace(Chat("/chat"))
