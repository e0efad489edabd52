"""Before the load: a server whose language compiles what runs often, while it runs, is run in.

Node's first few dozen handshakes and few thousand deliveries cost it two to four times what later
ones do, so that a short benchmark would tell of the compiler. Python compiles nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from lab.contract import Stack
from lab.load.closed_loop import times_to_join
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Connect, Fleet

ROOM = "warm-up"
MEMBERS = 10
MESSAGES = 400
WINDOW = 16
HANDSHAKES = 40


def compiles_as_it_runs(stack: Stack) -> bool:
    """Whether the server's first rounds are slower than the rest."""
    return stack.language.name != "Python"


async def warm_up(connect: Connect, texts: Sequence[str]) -> None:
    """Connect and speak as the benchmarks will; what it took, and what was lost, is not counted."""
    await times_to_join(connect, ROOM, HANDSHAKES)
    audience = Audience(MEMBERS)
    async with Fleet(connect, ROOM, audience.listeners()) as fleet:
        await fan_out(fleet.connections[0], ROOM, audience, texts, WINDOW)
