"""A POST whose session ends before its body has come."""

from __future__ import annotations

import asyncio

import aiohttp

from lab.chat.limits import Limits
from lab.contract import ServeOptions
from lab.service import ChatService, new_rooms
from transports import registry


async def test_it_is_refused_like_one_that_comes_after_the_end() -> None:
    chat = ChatService(new_rooms(Limits()))
    serving = registry.load("socketio-polling").serve(chat, ServeOptions())
    async with serving as server, aiohttp.ClientSession() as http:
        url = f"{server.address.url}/socket.io/?EIO=4&transport=polling"
        async with http.get(url) as opened:
            sid = (await opened.text()).split('"sid":"')[1].split('"')[0]
        host, port = server.address.host, server.address.port
        reader, writer = await asyncio.open_connection(host, port)
        target = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
        head = f"POST {target} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 2\r\n\r\n"
        writer.write(head.encode() + b"4")
        await writer.drain()
        # The end of the session comes on another connection, before the last byte.
        async with http.post(f"{url}&sid={sid}", data="1") as closed:
            assert closed.status == 200
        writer.write(b"0")
        status = await reader.readline()
        assert status.split()[1] == b"400"
        writer.close()
        await writer.wait_closed()
