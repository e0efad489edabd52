"""Several clients of one program chat over a tapped relay, to see what they share."""

from __future__ import annotations

from lab.chat.events import Said
from lab.contract import ConnectOptions, Transport
from lab.load.closed_loop import ignore
from lab.load.fleet import JoinRefusedError
from lab.load.tapped import Capture, through
from lab.measure.server import ServerProcess
from lab.relay.relay import Chunk, ConnectionEvent, Relay

ROOM = "lobby"


async def chat_together(name: str, transport: Transport, clients: int) -> Capture:
    """Let so many clients say something over what the transport lets them share.

    Nothing is timed.

    Raises JoinRefusedError where one of them is not answered as a member.
    """
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    with ServerProcess(name, ["--unpaced"]) as server:
        port = int(server.ready["port"])
        relay = Relay("127.0.0.1", port, tap=chunks.append, watch=events.append)
        async with relay, transport.pool() as pool:
            url, options = through(server.url, port, relay), ConnectOptions(pool=pool)
            connections = [await transport.connect(url, ignore, options) for _ in range(clients)]
            for each, connection in enumerate(connections):
                await connection.join(ROOM, f"client {each}")
            for connection in connections:  # all are open by now
                if not isinstance(reply := await connection.say(ROOM, "hello"), Said):
                    raise JoinRefusedError(f"a client can't chat: {reply}")
            for connection in connections:
                await connection.close()
        return Capture(chunks, events, relay.total)


def opened(capture: Capture) -> int:
    """How many TCP connections were opened."""
    return sum(event.kind == "opened" for event in capture.events)
