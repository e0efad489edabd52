import os

import socketio
from aiohttp import web

PAGE = "http://localhost:5173"

io = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=PAGE)
app = web.Application()
io.attach(app)

names = {}  # the sid of a client -> its name


def members(room):
    return [sid for sid, _ in io.manager.get_participants("/", room)]


def shared():
    # Each client is also in a room of its own, whose name is its sid; the room None has all.
    rooms = io.manager.rooms.get("/", {})
    return [room for room in rooms if room is not None and room not in rooms[None]]


@io.event
async def join(sid, command):
    room, names[sid] = command["room"], command["name"]
    await io.enter_room(sid, room)
    there = [names[each] for each in members(room)]
    return {"type": "joined", "room": room, "name": names[sid], "members": there}


@io.event
async def say(sid, command):
    room = command["room"]
    if room not in io.rooms(sid):
        return {"type": "refused", "code": "not_in_room"}
    await io.emit("message", {"room": room, "name": names[sid], "text": command["text"]}, to=room)
    return {"type": "said", "room": room}


@io.event
async def rooms(_sid, _command):
    found = [{"room": room, "members": len(members(room))} for room in shared()]
    return {"type": "listing", "rooms": found}


@io.event
async def disconnect(sid, _reason):
    names.pop(sid, None)


if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
