"""Kills a durable server again and again, and compares what it acknowledged with what is left.

    python -m tools.crashes --crashes 200 --transport websocket --sync normal --seed 1

Prints one line of JSON: how many messages were acknowledged, lost and doubled. Ends with 1 if any
was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

from lab.chat.events import Departed, Joined, LoggedEvent, Message, RoomEvent, Said
from lab.contract import Connection, ConnectionClosedError, ConnectOptions, Transport
from lab.measure.server import ServerProcess
from transports import registry

ROOM = "lab"
MEMBERS = 3
WINDOW = 4
LONGEST_S = 0.15
"""The longest that the members talk before a kill."""
MOST = 60
"""The most texts of one task in one life: what a life adds has to fit into the room's log."""


class Fault(AssertionError):
    """The rooms of a server that was killed are not what it had acknowledged."""


class History:
    """All events of the room that anybody saw, and what was said and acknowledged."""

    def __init__(self) -> None:
        self.events: dict[int, LoggedEvent] = {}
        self.epoch: str | None = None
        self.said: dict[str, str] = {}
        self.acknowledged: dict[str, int] = {}

    def saw(self, event: RoomEvent) -> None:
        """An event came to a member: every member has to see the same one under this `seq`."""
        if not isinstance(event, LoggedEvent):
            return
        if self.events.setdefault(event.seq, event) != event:
            raise Fault(f"seq {event.seq} was {self.events[event.seq]} and is {event}")

    def joined(self, joined: Joined) -> None:
        """A member is back: the room is in the same life, and its log has what was missed."""
        if self.epoch not in (None, joined.epoch):
            raise Fault(f"the epoch was {self.epoch} and is {joined.epoch}")
        if self.epoch is not None and joined.truncated:
            raise Fault("the log no longer has what was missed")
        self.epoch = joined.epoch

    def acknowledge(self, text: str, said: Said) -> None:
        """A text was acknowledged: a later acknowledgement has to be the same."""
        if self.acknowledged.setdefault(text, said.seq) != said.seq:
            raise Fault(f"{text!r} was {self.acknowledged[text]} and is {said.seq}")

    def unacknowledged(self, name: str) -> list[str]:
        """What this member has said, and got no reply to."""
        return [
            text for text, by in self.said.items() if by == name and text not in self.acknowledged
        ]

    def last(self) -> int:
        """The newest `seq` up to which every event was seen."""
        last = 0
        while last + 1 in self.events:
            last += 1
        return last

    def faults(self) -> list[str]:
        """What is wrong, now that the room is at rest."""
        messages = {seq: e for seq, e in self.events.items() if isinstance(e, Message)}
        texts = [message.text for message in messages.values()]
        lost = [
            text
            for text, seq in self.acknowledged.items()
            if seq not in messages or messages[seq].text != text
        ]
        return [
            *(f"{text!r} is lost" for text in lost),
            *(f"{text!r} is doubled" for text in set(texts) if texts.count(text) > 1),
            *(
                f"seq {seq} is missing"
                for seq in range(1, max(self.events))
                if seq not in self.events
            ),
            *(f"{name} is inside twice" for name in self._twice()),
            *(f"{text!r} has no reply" for text in self.said.keys() - self.acknowledged.keys()),
        ]

    def _twice(self) -> list[str]:
        """Who arrived again without a departure, or departed twice."""
        inside: set[str] = set()
        found = []
        for _, event in sorted(self.events.items()):
            if isinstance(event, Message):
                continue
            leaves = isinstance(event, Departed)
            if leaves != (event.name in inside):
                found.append(event.name)
            (inside.discard if leaves else inside.add)(event.name)
        return found


async def live(
    transport: Transport, url: str, history: History, numbers: random.Random | None, pid: int
) -> None:
    """One life of the server: the members come back, say again what was lost, and talk.

    The server is killed after a random time; `numbers` None: it is not, and they only come back.
    """
    names = [f"member {number}" for number in range(MEMBERS)]
    connections: dict[str, Connection] = {}
    for name in names:
        after = history.last()
        connections[name] = await transport.connect(url, history.saw, ConnectOptions())
        joined = await connections[name].join(ROOM, name, after, history.epoch)
        if not isinstance(joined, Joined):
            raise Fault(f"{name} can't come back: {joined}")
        history.joined(joined)
    if numbers is not None:
        asyncio.get_running_loop().call_later(
            numbers.uniform(0, LONGEST_S), os.kill, pid, signal.SIGKILL
        )
    tasks = [
        talk(connections[name], history, name, MOST if numbers else 0)
        for name in names
        for _ in range(WINDOW if numbers else 1)
    ]
    await asyncio.gather(*tasks)
    if numbers is not None:
        await asyncio.gather(*(asyncio.shield(each.closed) for each in connections.values()))
    else:
        await connections[names[0]].rooms()  # all events of before it have come
    await asyncio.gather(*(each.close() for each in connections.values()))


async def talk(connection: Connection, history: History, name: str, most: int) -> None:
    """Say again what has no acknowledgement, then new texts, until the connection ends."""
    try:
        for text in history.unacknowledged(name):
            await say(connection, history, text)
        for _ in range(most):
            text = f"{name} says {len(history.said)}"
            history.said[text] = name
            await say(connection, history, text)
    except ConnectionClosedError:
        pass


async def say(connection: Connection, history: History, text: str) -> None:
    """Say one text under a key of its own."""
    said = await connection.say(ROOM, text, text)
    if not isinstance(said, Said):
        raise Fault(f"{text!r} was refused: {said}")
    history.acknowledge(text, said)


def run(transport: str, path: Path, crashes: int, seed: int, sync: str = "normal") -> History:
    """Kill a server of this transport so many times. Raises `Fault` where it lost something."""
    history, numbers = History(), random.Random(seed)
    arguments = ["--durable", str(path), "--sync", sync, "--unpaced"]
    for crash in range(crashes + 1):
        with ServerProcess(transport, arguments) as server:
            left = numbers if crash < crashes else None
            life = live(registry.load(transport), server.url, history, left, server.pid)
            asyncio.run(life)
    if faults := history.faults():
        raise Fault("; ".join(faults[:5]))
    return history


def main() -> None:
    """Run it as the command line says, and print the report."""
    parser = argparse.ArgumentParser(description="Kill a durable server again and again.")
    parser.add_argument("--transport", default="websocket", choices=list(registry.TRANSPORTS))
    parser.add_argument("--crashes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sync", default="normal", choices=["normal", "full"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rooms.db")
        try:
            history = run(options.transport, path, options.crashes, options.seed, options.sync)
        except Fault as fault:
            sys.exit(f"a fault: {fault}")
    report = {**vars(options), "said": len(history.said), "acknowledged": len(history.acknowledged)}
    print(json.dumps({**report, "events": len(history.events), "lost": 0, "doubled": 0}))


if __name__ == "__main__":
    main()
