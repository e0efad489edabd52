"""A client of HTTP/2 sends its requests at once (RFC 9113 section 3.4)."""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import Capability, ConnectOptions
from lab.decode.http2.frames import HEADERS, PREFACE, frame_of
from tests.conformance.client import PATIENCE_S, in_time
from transports import registry
from transports._fallback.transport import Fallback

LOADED = [registry.load(name) for name in registry.available()]
NAMES = [
    transport.name
    for transport in LOADED
    if isinstance(transport, Fallback) and Capability.HTTP_2 in transport.capabilities
]
"""Whose sessions are made of requests."""


async def kinds_until(reader: asyncio.StreamReader, wanted: int) -> list[int]:
    """The types of the frames that a client sends, up to the first of this type."""
    assert await in_time(reader.readexactly(len(PREFACE))) == PREFACE
    kinds: list[int] = []
    while wanted not in kinds:
        frame = frame_of(await in_time(reader.readexactly(9)), 0)
        await in_time(reader.readexactly(frame.end - frame.body))
        kinds.append(frame.kind)
    return kinds


@pytest.mark.parametrize("name", NAMES)
async def test_a_request_does_not_wait_for_settings(name: str) -> None:
    asked: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set_result(await kinds_until(reader, HEADERS))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        options = ConnectOptions(timeout_s=PATIENCE_S)
        connecting = asyncio.ensure_future(registry.load(name).connect(url, print, options))
        assert HEADERS in await in_time(asked)
        with pytest.raises(OSError, match="HTTP/2"):
            await in_time(connecting)
