"""Warms up a server whose language compiles frequent code while it runs.

Node's first forty handshakes and first few ten thousand deliveries cost two to four times as much
as later ones. A part of that is on other cores, where its compiler runs. A short measurement would
measure the compiler. Python does not compile.
"""

from __future__ import annotations

from lab.contract import Address, Stack, Transport
from lab.load.closed_loop import times_to_join
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Connect, Fleet
from lab.load.raw import RawRoom, speaks
from lab.load.texts import incompressible

ROOM = "run-in"
MEMBERS = 10
MESSAGES = 4000
WINDOW = 16
HANDSHAKES = 40
TEXT_BYTES = 32


def compiles_as_it_runs(stack: Stack) -> bool:
    """Whether a server's first rounds are slower than the rest."""
    return stack.language.name != "Python"


async def warm_up(transport: Transport, address: Address, connect: Connect) -> None:
    """Connect and speak as a measurement does, where the server's language compiles as it runs.

    The server at `address` runs unpaced. Where the raw client speaks the transport, nothing else
    runs on this loop meanwhile.
    """
    if not compiles_as_it_runs(transport.stack()):
        return
    await times_to_join(connect, ROOM, HANDSHAKES)
    texts = incompressible(TEXT_BYTES, MESSAGES)
    # With the client that costs least, because only the server is warmed up.
    if speaks(transport) and not address.is_tls:
        with RawRoom(transport, address, ROOM, MEMBERS) as room:
            room.fan_out(texts, WINDOW)
        return
    audience = Audience(MEMBERS)
    async with Fleet(connect, ROOM, audience.listeners()) as fleet:
        await fan_out(fleet.connections[0], ROOM, audience, texts, WINDOW)
