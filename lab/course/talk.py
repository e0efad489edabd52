"""A member of a room that speaks the chapters' JSON over plain WebSocket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from lab.course.plain import Plain, plain
from lab.course.problem import WrongError
from lab.decode.rfc6455 import TEXT

ANSWERS = "chapter 4, section 'the words'"


class Talk:
    """One connection. `events`: the type and the fields of each event that came."""

    def __init__(self, client: Plain) -> None:
        self.events: list[tuple[str, Any]] = []
        self._client = client
        self._id = 0

    async def ask(self, event: str, **fields: object) -> dict[str, Any]:
        """Send a command, and return its answer. Events that come before are kept.

        Raises:
            WrongError: none comes, or something else than a JSON object in a text.
        """
        self._id += 1
        self._client.send(json.dumps({"type": event, "id": self._id, **fields}).encode())
        while (came := await self._next(event)).get("id") != self._id:
            self.events.append((str(came.get("type")), came))
        return came

    async def _next(self, event: str) -> dict[str, Any]:
        what = f"'{event}' is not answered"
        frame = await self._client.next(what, f'an answer with "id":{self._id}', ANSWERS)
        got = frame.payload.decode(errors="replace")[:80]
        if frame.opcode != TEXT:
            raise WrongError(what, "a text", f"a frame {0x80 | frame.opcode:02x} '{got}'", ANSWERS)
        try:
            came = json.loads(frame.payload)
        except ValueError:
            came = None
        if not isinstance(came, dict):
            raise WrongError(what, "a JSON object", f"'{got}'", ANSWERS)
        return came


@asynccontextmanager
async def talk(port: int, room: str, name: str) -> AsyncIterator[Talk]:
    """A member that has joined a room.

    Raises:
        WrongError: the server does not let it in.
    """
    async with plain(port) as client:
        one = Talk(client)
        answer = await one.ask("join", room=room, name=name)
        if answer.get("type") != "joined":
            got = json.dumps(answer, ensure_ascii=False)
            raise WrongError("'join' is refused", '{"type":"joined"}', got, ANSWERS)
        yield one
