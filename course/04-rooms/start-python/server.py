import asyncio
import json
import os

from websockets.asyncio.server import broadcast, serve

PORT = int(os.environ.get("PORT", "3000"))

everybody = set()


def join(_socket, command):
    room, name = command.get("room"), command.get("name")
    return {"type": "joined", "room": room, "name": name, "members": [name]}


def say(_socket, command):
    room, name, text = command.get("room"), command.get("name"), command.get("text")
    message = {"type": "message", "room": room, "name": name, "text": text}
    broadcast(everybody, json.dumps(message))
    return {"type": "said", "room": room}


def list_rooms(_socket, _command):
    return {"type": "listing", "rooms": []}


COMMANDS = {"join": join, "say": say, "rooms": list_rooms}


async def chat(socket):
    everybody.add(socket)
    async for data in socket:
        command = json.loads(data)
        run = COMMANDS[command["type"]]
        await socket.send(json.dumps({"id": command["id"], **run(socket, command)}))


async def main():
    async with serve(chat, "127.0.0.1", PORT) as server:
        await server.serve_forever()


asyncio.run(main())
