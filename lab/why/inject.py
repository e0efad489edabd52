"""Injects each cause into a live connection of a transport, and keeps what each side sees."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

import msgspec

from lab.contract import Capability, Transport
from lab.measure.server import ServerDiedError
from lab.relay.capture import Captured, Chunk, split
from lab.relay.relay import Relay
from lab.why.bench import PATIENCE_S, ROOM, Bench, Setup, bench
from lab.why.facts import Facts
from lab.why.recognise import facts_of

INTERVAL_S, TIMEOUT_S = 1, 1
"""The quick heartbeat, in whole seconds as Engine.IO counts."""
SILENT_S = 4.0
"""So long a line stays silent: twice as long as a heartbeat takes to be missed."""
IDLE_S = 1.3
"""So long nothing is sent before the proxy ends a connection."""
SETTLED_S = 0.3
"""So long nothing is sent before the network fails: a client between two polls would not notice."""
OTHER_SITE = "https://other.example"
OVERSIZED = "x" * (600 * 1024)
TEXT = "x" * (56 * 1024)
MOST_TEXTS = 800

DIRECT = Setup(direct=True)
QUICK = Setup(heartbeat=(INTERVAL_S, TIMEOUT_S))


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a client and a server see of a cause, and the facts of the capture.

    `client`: the client's error or its reason for the end; `server`: why the room says that the
    member departed. None: nothing within `PATIENCE_S`. `client_s`, `server_s`: until then.
    """

    client: str | None
    client_s: float | None = None
    server: str | None = None
    server_s: float | None = None
    facts: Facts | None = None


Injection: TypeAlias = Callable[[Bench], Awaitable[Seen]]


async def kill(one: Bench) -> Seen:
    """End the server's process without a word, then try to connect again."""
    begun = time.perf_counter()
    os.kill(one.server.pid, signal.SIGKILL)
    seen = await _noticed(one, begun, server=False)
    return await _again(one, seen)


async def restart(one: Bench) -> Seen:
    """End the server in order, then try to connect again."""
    begun = time.perf_counter()
    os.kill(one.server.pid, signal.SIGTERM)
    seen = await _noticed(one, begun, server=False)
    return await _again(one, seen)


async def reset(one: Bench) -> Seen:
    """Reset the TCP connection between the two."""
    await _idle(one, SETTLED_S)
    begun = time.perf_counter()
    one.network.cut("rst")
    return await _noticed(one, begun)


async def fin(one: Bench) -> Seen:
    """End TCP in order between the two."""
    await _idle(one, SETTLED_S)
    begun = time.perf_counter()
    one.network.cut("fin")
    return await _noticed(one, begun)


async def proxy_timeout(one: Bench) -> Seen:
    """End TCP in order after a time without a byte."""
    await _idle(one)
    begun = time.perf_counter()
    one.network.cut("fin")
    return await _noticed(one, begun)


async def silence(one: Bench) -> Seen:
    """Carry nothing any more, in either direction."""
    await _beats(one)
    begun = time.perf_counter()
    one.network.stall("both")
    return await _noticed(one, begun, patience_s=SILENT_S)


async def deafness(one: Bench) -> Seen:
    """Lose whatever the client says, so that its heartbeats have no answer."""
    await _beats(one)
    begun = time.perf_counter()
    one.observer.stall("up")
    return await _noticed(one, begun)


async def oversized(one: Bench) -> Seen:
    """Send a message that is larger than the server takes."""
    assert one.connection is not None
    begun = time.perf_counter()
    with suppress(Exception):
        async with asyncio.timeout(PATIENCE_S):
            await one.connection.say(ROOM, OVERSIZED)
    return await _noticed(one, begun)


async def forbidden_origin(one: Bench) -> Seen:
    """Connect as a page of another site."""
    del one.captured[:]
    begun = time.perf_counter()
    error = await _refused(one, headers={"Origin": OTHER_SITE})
    return Seen(client=error, client_s=time.perf_counter() - begun)


async def unknown_sid(one: Bench) -> Seen:
    """Send a request of a session that has ended once more."""
    request = _request_of_session(one.captured)
    assert one.connection is not None
    await one.connection.close()
    del one.captured[:]
    begun = time.perf_counter()
    answer = await _exchange(one.observer, request)
    return Seen(client=answer, client_s=time.perf_counter() - begun)


async def slow_consumer(one: Bench) -> Seen:
    """Say more than the client reads, until the server ends its connection."""
    begun = time.perf_counter()
    for _ in range(MOST_TEXTS):
        if one.departed():
            break
        await one.say(TEXT)
    return await _noticed(one, begun)


async def _noticed(
    one: Bench, begun: float, *, server: bool = True, patience_s: float = PATIENCE_S
) -> Seen:
    """What each side has noticed, as soon as both have, or when patience ends."""
    assert one.connection is not None
    closed = asyncio.ensure_future(_stamped(one.connection.closed))
    until = begun + patience_s
    while time.perf_counter() < until and not (  # noqa: ASYNC110 - two sides, and a bound
        closed.done() and (one.departed() or not server)
    ):
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)  # what follows from the end reaches the observer
    client = closed.result() if closed.done() else (None, None)
    closed.cancel()
    why = one.departed()
    return Seen(
        client=client[0],
        client_s=None if client[1] is None else client[1] - begun,
        server=why[0] if why else None,
        server_s=why[1] - begun if why else None,
    )


async def _stamped(closed: asyncio.Future[str]) -> tuple[str | None, float | None]:
    return await asyncio.shield(closed), time.perf_counter()


async def _again(one: Bench, seen: Seen) -> Seen:
    # A dying process closes its sockets one by one: the one that listens may be the last.
    with suppress(ServerDiedError):
        await asyncio.to_thread(one.server.check, PATIENCE_S)
    with suppress(Exception):
        async with asyncio.timeout(PATIENCE_S):
            await one.connect(one.observer)
    return seen


async def _refused(one: Bench, headers: Mapping[str, str]) -> str | None:
    try:
        connection = await one.connect(one.observer, headers)
    except OSError as error:
        return str(error) if type(error) is ConnectionError else f"{type(error).__name__}: {error}"
    await connection.close()
    return None


async def _idle(one: Bench, idle_s: float = IDLE_S) -> None:
    """Wait until nothing has been sent for a while."""
    until = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < until:
        last_ns = max((each.at_ns for each in one.captured if isinstance(each, Chunk)), default=0)
        if time.perf_counter_ns() - last_ns > idle_s * 1e9:
            return
        await asyncio.sleep(0.05)


async def _beats(one: Bench) -> None:
    """Wait for a heartbeat: bytes in both directions after the join."""
    count = len(one.captured)
    until = time.perf_counter() + 3 * (INTERVAL_S + TIMEOUT_S)
    while time.perf_counter() < until:
        later = [each for each in one.captured[count:] if isinstance(each, Chunk)]
        if {each.direction for each in later} == {"up", "down"}:
            return
        await asyncio.sleep(0.01)


def _request_of_session(captured: Sequence[Captured]) -> bytes:
    """The last HTTP request of a session with GET: it names the session."""
    ups = [each for each in captured if isinstance(each, Chunk) and each.direction == "up"]
    gets = [each.data for each in ups if each.data.startswith(b"GET ")]
    return gets[-1].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


async def _exchange(relay: Relay, request: bytes) -> str | None:
    """Send one request; the status line of its answer."""
    reader, writer = await asyncio.open_connection(relay.host, relay.port)
    try:
        writer.write(request)
        async with asyncio.timeout(PATIENCE_S):
            line = await reader.readline()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await reader.read(1 << 16)
        return line.decode("latin-1").strip().partition(" ")[2]
    finally:
        writer.close()


class Plan(msgspec.Struct, frozen=True):
    """How a cause is injected. `needs`: what a transport must have for it, and why not without.

    `own_request`: what connects is a request, no client.
    """

    inject: Injection
    setup: Setup = Setup()
    own_request: bool = False
    needs: frozenset[Capability] = frozenset()
    without: str = ""


PLANS: dict[str, Plan] = {
    "peer-killed": Plan(kill, DIRECT),
    "reset": Plan(reset),
    "fin": Plan(fin),
    "silent-line": Plan(
        silence, QUICK, needs=frozenset({Capability.HEARTBEAT}), without="it has no heartbeat"
    ),
    "proxy-timeout": Plan(proxy_timeout),
    "heartbeat-missed": Plan(
        deafness, QUICK, needs=frozenset({Capability.HEARTBEAT}), without="it has no heartbeat"
    ),
    "oversized-message": Plan(
        oversized,
        needs=frozenset({Capability.FRAME_LIMIT}),
        without="its server does not limit messages in its protocol's own way",
    ),
    "forbidden-origin": Plan(
        forbidden_origin,
        needs=frozenset({Capability.ORIGIN}),
        without="its handshake has no Origin, or does not check it",
    ),
    "unknown-sid": Plan(
        unknown_sid,
        DIRECT,
        own_request=True,
        needs=frozenset({Capability.HTTP_SESSION}),
        without="it has no session apart from its one TCP connection",
    ),
    "server-restart": Plan(restart, DIRECT),
    "slow-consumer": Plan(
        slow_consumer,
        Setup(direct=True, slow=True),
        needs=frozenset({Capability.BOUNDED_QUEUE}),
        without="it does not bound its queues",
    ),
}
"""Cause -> how it is injected."""


async def observe(transport: Transport, cause: str, *, in_node: bool = False) -> Seen | str:
    """Inject a cause into a connection of this transport; or why it can't be.

    `in_node`: the client is a package of npm, and not the transport's own in Python.

    Raises:
        OSError, TimeoutError: the transport could not be used at all.
    """
    plan = PLANS[cause]
    if not plan.needs <= transport.capabilities:
        return plan.without
    async with bench(transport, plan.setup, in_node) as one:
        seen = await plan.inject(one)
        facts = facts_of(*split(one.captured), time.perf_counter_ns())
        return msgspec.structs.replace(seen, facts=facts)
