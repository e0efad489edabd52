"""Chapter 4: names, broadcast and rooms on plain WebSocket."""

from __future__ import annotations

from collections.abc import Mapping

from websockets.asyncio.client import connect

from lab.course import rooms
from lab.course.learner import Learner, served
from lab.course.patience import patience_s
from lab.course.plain import plain
from lab.course.problem import WrongError
from lab.course.run import Check
from lab.course.talk import Talk, talk
from lab.handshakes.link import dial
from lab.handshakes.request import handshake
from lab.judge.websocket.build import frame

STRANGE = (b"no JSON", b"null", b'{"type":"constructor"}', b"[]")
HEARTBEAT_MS = 1000


async def broadcast(subject: Learner) -> None:
    """A text reaches its room under the name of its sender."""
    async with served(subject) as port:
        await rooms.reaches_its_room(port, talk)
        await rooms.name_is_kept(port, talk)
        await rooms.only_members_say(port, talk)


async def no_leaks(subject: Learner) -> None:
    """Nothing is left of who has gone."""
    async with served(subject) as port:
        await rooms.nothing_is_left(port, talk)


async def strange_input(subject: Learner) -> None:
    """What is no command is refused, and a broken frame ends its own connection alone."""
    async with served(subject) as port, talk(port, "lab", "ada") as ada:
        async with plain(port) as client:
            for text in STRANGE:
                client.send(text)
                what = f"the text '{text.decode()}' is not refused"
                answer = await client.next(what, "refused bad_command", "docs/room.md")
                if b"bad_command" not in answer.payload:
                    got = answer.payload.decode(errors="replace")[:80]
                    raise WrongError(what, "refused bad_command", got, "docs/room.md")
        async with dial("127.0.0.1", port) as broken:
            opening = handshake(f"ws://127.0.0.1:{port}/").encode()
            broken.send(opening + frame(1, b"hello", masked=False))
            await broken.until(lambda: broken.ended, patience_s())
        await ada.ask("rooms")


async def leaves(subject: Learner) -> None:
    """`leave` ends the membership, and nothing else."""
    async with served(subject) as port, talk(port, "lab", "ada") as ada:
        clause = "chapter 4, exercise 1"
        answers = [await ada.ask("leave", room="lab") for _ in range(2)]
        got = [each.get("code") or each.get("type") for each in answers]
        expected = ["left", "not_in_room"]
        if got != expected:
            raise WrongError("'leave' is wrong, once or twice", f"{expected}", f"{got}", clause)
        left = (await ada.ask("rooms")).get("rooms")
        if left != []:
            raise WrongError("the room stays without members", "[]", f"{left}", clause)


async def arrivals(subject: Learner) -> None:
    """The others hear who arrives and who departs."""
    async with served(subject) as port:
        await rooms.arrivals(port, talk)


async def heartbeat(subject: Learner) -> None:
    """Who answers no ping is closed; a client that answers stays."""
    async with (
        served(subject, HEARTBEAT_MS=str(HEARTBEAT_MS)) as port,
        connect(f"ws://127.0.0.1:{port}/", proxy=None) as alive,
        plain(port) as silent,
    ):
        await Talk(silent).ask("join", room="lab", name="silent")
        await silent.ends("a client that answers no ping stays", "RFC 6455 5.5.2")
        # A server hears of the end of a connection after its client may have heard.
        for _ in range(rooms.SOON):
            await alive.send('{"type":"rooms","id":1}')
            answer = str(await alive.recv())
            if '"lab"' not in answer:
                return
    what = "a client that is gone is still in its room"
    raise WrongError(what, "no room", answer, "chapter 4, exercise 3")


CHECKS: Mapping[str, Check] = {
    "a text reaches its room, under its sender's name": broadcast,
    "nothing is left of who has gone": no_leaks,
    "strange input does no harm": strange_input,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"a member may leave": leaves},
    2: {"the others hear who comes and goes": arrivals},
    3: {"a dead client is closed": heartbeat},
}
