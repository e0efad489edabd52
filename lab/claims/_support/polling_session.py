"""An Engine.IO session over HTTP whose packets the experiment writes by hand.

A client library decides which packets go into one POST; here the experiment decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import aiohttp

SEPARATOR = "\x1e"
"""Separates the packets of a payload in Engine.IO protocol 4."""


class PollingSession:
    """An Engine.IO session over HTTP; the caller chooses the packets of each POST."""

    def __init__(self, http: aiohttp.ClientSession, url: str, room: str) -> None:
        self._http = http
        self._url = f"{url}/socket.io/"
        self._room = room
        self._query = {"EIO": "4", "transport": "polling"}

    async def open(self, name: str) -> None:
        """Connect and join the room."""
        (handshake,) = await self.poll()
        self._query["sid"] = json.loads(handshake[1:])["sid"]
        await self.post(["40"])
        await self.until("40")
        await self.post(['420["join",' + json.dumps({"room": self._room, "name": name}) + "]"])
        await self.until("430")

    async def post(self, packets: Sequence[str]) -> int:
        """Send packets in one POST; return the HTTP status."""
        body = SEPARATOR.join(packets)
        async with self._http.post(self._target, data=body) as response:
            await response.read()
            return response.status

    async def say(self, texts: Sequence[str]) -> int:
        """Send texts in one POST, one packet each; return the HTTP status."""
        events = (json.dumps(["say", {"room": self._room, "text": text}]) for text in texts)
        return await self.post([f"42{event}" for event in events])

    async def poll(self) -> list[str]:
        """Return the packets of the next GET. Raises aiohttp.ClientResponseError if refused."""
        async with self._http.get(self._target) as response:
            response.raise_for_status()
            return (await response.text()).split(SEPARATOR)

    async def until(self, head: str) -> list[str]:
        """Poll until a packet begins with `head`; return all packets. Pings are answered."""
        packets: list[str] = []
        while not any(packet.startswith(head) for packet in packets):
            packets += await self.poll()
            if "2" in packets:
                packets.remove("2")
                await self.post(["3"])
        return packets

    async def heard(self, last: str) -> list[str]:
        """Return the texts that the room delivers from now on, up to `last`."""
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
