import os

import socketio
from aiohttp import web

PAGES = ["http://localhost:5173"]

io = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=PAGES)
app = web.Application()
io.attach(app)


@io.event
async def join(sid, command):
    room, name = command["room"], command["name"]
    await io.enter_room(sid, room)
    await io.save_session(sid, {"name": name})
    return {"type": "joined", "room": room, "name": name}


@io.event
async def say(sid, command):
    room, name = command["room"], (await io.get_session(sid))["name"]
    await io.emit("message", {"room": room, "name": name, "text": command["text"]}, to=room)
    return {"type": "said", "room": room}


if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
