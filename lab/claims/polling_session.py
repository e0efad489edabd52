"""Among the claims: a session of Engine.IO over HTTP, spoken by hand.

A client library decides by itself which packets go into one POST; here the experiment does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import aiohttp

SEPARATOR = "\x1e"
"""Between the packets of a payload, in Engine.IO's protocol 4."""


class Session:
    """A session of Engine.IO over HTTP, each packet put by hand into the POST of one's choice."""

    def __init__(self, http: aiohttp.ClientSession, url: str, room: str) -> None:
        self._http = http
        self._url = f"{url}/socket.io/"
        self._room = room
        self._query = {"EIO": "4", "transport": "polling"}

    async def open(self, name: str) -> None:
        """Connect, and join the room."""
        (handshake,) = await self.poll()
        self._query["sid"] = json.loads(handshake[1:])["sid"]
        await self.post(["40"])
        await self.until("40")
        await self.post(['420["join",' + json.dumps({"room": self._room, "name": name}) + "]"])
        await self.until("430")

    async def post(self, packets: Sequence[str]) -> int:
        """Send packets in one POST; returns the status of the answer."""
        body = SEPARATOR.join(packets)
        async with self._http.post(self._target, data=body) as response:
            await response.read()
            return response.status

    async def say(self, texts: Sequence[str]) -> int:
        """Say texts in one POST, a packet each; returns the status of the answer."""
        events = (json.dumps(["say", {"room": self._room, "text": text}]) for text in texts)
        return await self.post([f"42{event}" for event in events])

    async def poll(self) -> list[str]:
        """The packets of the next GET. Raises aiohttp.ClientResponseError where it is refused."""
        async with self._http.get(self._target) as response:
            response.raise_for_status()
            return (await response.text()).split(SEPARATOR)

    async def until(self, head: str) -> list[str]:
        """The packets up to the answer in which one begins so; pings are answered."""
        packets: list[str] = []
        while not any(packet.startswith(head) for packet in packets):
            packets += await self.poll()
            if "2" in packets:
                packets.remove("2")
                await self.post(["3"])
        return packets

    async def heard(self, last: str) -> list[str]:
        """What is said in the room from now on, before `last` is."""
        texts: list[str] = []
        while last not in texts:
            texts += [text for packet in await self.until("42") for text in _texts(packet)]
        return texts[: texts.index(last)]

    @property
    def _target(self) -> str:
        return f"{self._url}?{urlencode(self._query)}"


def _texts(packet: str) -> Iterator[str]:
    if packet.startswith('42["message"'):
        event: dict[str, Any] = json.loads(packet[2:])[1]
        yield event["text"]
