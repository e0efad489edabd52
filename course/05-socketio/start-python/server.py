import asyncio
import json
import os

from websockets.asyncio.server import broadcast, serve

PORT = int(os.environ.get("PORT", "3000"))

rooms = {}  # a room's name -> its members: a connection -> a name


def join(socket, command):
    room, name = command.get("room"), command.get("name")
    members = rooms.setdefault(room, {})
    members[socket] = name
    return {"type": "joined", "room": room, "name": name, "members": list(members.values())}


def say(socket, command):
    room, text = command.get("room"), command.get("text")
    members = rooms.get(room, {})
    if socket not in members:
        return {"type": "refused", "code": "not_in_room"}
    message = {"type": "message", "room": room, "name": members[socket], "text": text}
    broadcast(members, json.dumps(message))
    return {"type": "said", "room": room}


def list_rooms(_socket, _command):
    found = [{"room": room, "members": len(members)} for room, members in rooms.items()]
    return {"type": "listing", "rooms": found}


def refuse(_socket, _command):
    return {"type": "refused", "code": "bad_command"}


COMMANDS = {"join": join, "say": say, "rooms": list_rooms}


def leave(socket):
    for room, members in list(rooms.items()):
        if members.pop(socket, None) is not None and not members:
            del rooms[room]


def parse(data):
    try:
        command = json.loads(data)
    except ValueError:
        return {}
    return command if isinstance(command, dict) else {}


async def chat(socket):
    try:
        async for data in socket:
            command = parse(data)
            run = COMMANDS.get(command.get("type"), refuse)
            await socket.send(json.dumps({"id": command.get("id"), **run(socket, command)}))
    finally:
        leave(socket)


async def main():
    async with serve(chat, "127.0.0.1", PORT) as server:
        await server.serve_forever()


asyncio.run(main())
