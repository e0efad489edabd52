import asyncio
import os

from websockets.asyncio.server import serve

PORT = int(os.environ.get("PORT", "3000"))


async def echo(socket):
    message = await socket.recv()
    await socket.send(message)


async def main():
    async with serve(echo, "127.0.0.1", PORT) as server:
        await server.serve_forever()


asyncio.run(main())
