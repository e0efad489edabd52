import os
from collections import defaultdict
from dataclasses import dataclass, field

import socketio
from aiohttp import web

PAGES = ["http://localhost:5173"]

io = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=PAGES)
app = web.Application()
io.attach(app)


@dataclass
class Room:
    log: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)


rooms = defaultdict(Room)


@io.event
async def join(sid, command):
    room, name = command["room"], command["name"]
    await io.enter_room(sid, room)
    await io.save_session(sid, {"name": name})
    missed = [each for each in rooms[room].log if each["seq"] > command.get("after", 0)]
    return {"type": "joined", "room": room, "name": name, "missed": missed}


@io.event
async def say(sid, command):
    room, key = command["room"], command["key"]
    name = (await io.get_session(sid))["name"]
    log, keys = rooms[room].log, rooms[room].keys
    if key not in keys:
        keys[key] = len(log) + 1
        log.append({"room": room, "seq": keys[key], "name": name, "text": command["text"]})
        await io.emit("message", log[-1], to=room)
    return {"type": "said", "room": room, "seq": keys[key]}


if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
