"""Each transport passes the judge: one server, and every case of each protocol that it speaks.

What a library does otherwise is declared below, by the library that answers and not by a transport.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, Heartbeat, Transport, netloc
from lab.handshakes.request import Request, handshake
from lab.judge.application import ROOM, SOCKET_IO, Application
from lab.judge.case import Case
from lab.judge.cases import CASES, cases_of
from lab.judge.run import Result, judge
from lab.judge.site import Engine, Event, Site
from lab.judge.verdict import Verdict
from tests.conformance.served import QUICK, ServedTransport, served
from tests.judge.judging import check_words

LIMITS = Limits()
SHORT = Heartbeat(interval_s=0.3, timeout_s=1)
WHOLE_SECONDS = frozenset({"python-socketio"})
"""Libraries that cut a heartbeat's interval to whole seconds."""
LONGEST_S = 10.0
"""How long a case may wait for a heartbeat."""
SILENT = "room*/gone: a silent client*"
PACED = "room*/pace: *"
ANSWER_S = 10.0
"""How long an answer may take. What never comes is awaited this long too."""
WRONG = (Verdict.FAILED, Verdict.NOT_STRICT)

NOT_STRICT = (
    "websocket/no UTF-8, at once: *",  # nothing here decodes a text before its message is over
    "websocket/lengths: a length of * bits",  # the RFC leaves open what a server does about it
    "websocket/wrong openings: another path",  # a native WebSocket server may serve every path
    "engineio/closes: a close packet in a frame",  # some leave it to the next heartbeat
    "socketio/namespaces: left and entered again, *",  # a server may close a client of nothing
)
HTTP_1_0 = "websocket/wrong openings: HTTP/1.0"
NO_VERSION = "websocket/wrong openings: the answer to another version names the right one"
WHERE_POLLED = ("engineio/handshake: a * without a transport",)
"""It is taken for polling, where polling is served."""
OTHERWISE: dict[str, tuple[str, ...]] = {
    "aiohttp": (HTTP_1_0, NO_VERSION),
    "python-socketio": (
        HTTP_1_0,
        NO_VERSION,
        *WHERE_POLLED,
        "engineio/payloads: a POST is answered with ok",  # OK
        "engineio/payloads: a second poll beside a waiting one",  # both wait
        "socketio/invalid packets: an acknowledgement of nothing, *",  # nothing happens
        "socketio/namespaces: an unknown namespace, *",  # a text in place of an object
    ),
    "websockets": (NO_VERSION, "websocket/closing: a close between two fragments"),
    "ws": (HTTP_1_0,),
    "socket.io": (HTTP_1_0,),
}
"""Library -> the cases in which it is not strict, or fails."""
NO_MASK = "websocket/masks: * without a mask"


def site_of(s: ServedTransport, heartbeat: Heartbeat) -> Site:
    """What a stranger would have to know of a server."""
    able, address = s.transport.capabilities, s.server.address
    host = netloc(address.host, address.port)
    poll = Request("GET", "/socket.io/?EIO=4&transport=polling", {"Host": host})
    engine = Engine(
        poll,
        polls=Capability.HTTP_SESSION in able,
        frames=Capability.WEBSOCKET in able,
        interval_s=heartbeat.interval_s,
        timeout_s=heartbeat.timeout_s,
        longest_s=LONGEST_S,
    )
    return Site(
        address.host,
        address.port,
        handshake(address.websocket_url) if address.websocket_url else engine.opening(),
        application_of(able),
        LIMITS.frame_bytes,
        ANSWER_S,
        dead_after_s=_dead_after_s(heartbeat),
        engine=engine if Capability.ENGINE_IO in able else None,
        event=Event("rooms"),
    )


def application_of(able: frozenset[Capability]) -> Application | None:
    """What the cases of RFC 6455 may ask; None where no text gets an answer."""
    if Capability.NATIVE_FRAMES in able:
        return ROOM
    return SOCKET_IO if Capability.DEFAULT_PARSER in able else None


def _dead_after_s(heartbeat: Heartbeat) -> float | None:
    due_s = heartbeat.interval_s + heartbeat.timeout_s
    return due_s if due_s <= LONGEST_S else None


async def judged(
    transport: Transport, cases: Sequence[Case], heartbeat: Heartbeat | None = None
) -> list[Result]:
    """Play the cases against one server, on which a member stays unharmed."""
    heartbeat = heartbeat or Heartbeat()
    async with served(transport, limits=LIMITS, heartbeat=heartbeat) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        results = await judge(site_of(s, heartbeat), cases)
        await ann.said("den", "still here")
    return results


def check(transport: Transport, results: Sequence[Result]) -> None:
    """Check that only declared cases are not `ok`, and that what is declared is still so."""
    library = transport.stack().server.name
    masks = () if Capability.MASK_CHECK in transport.capabilities else (NO_MASK,)
    declared = (*OTHERWISE.get(library, ()), *masks)
    wrong = {each.case.id: each for each in results if each.verdict in WRONG}
    for result in wrong.values():
        check_words(result)
    known = (*NOT_STRICT, *declared)
    assert {name: each.finding for name, each in wrong.items() if not fits(name, known)} == {}
    asked = {each.case.id for each in results if each.verdict is not Verdict.NOT_ASKED}
    played = [each for each in declared if any(fnmatchcase(name, each) for name in asked)]
    stale = {each for each in played if not any(fnmatchcase(name, each) for name in wrong)}
    assert stale <= set(WHERE_POLLED), "these are no deviations any more"


def fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether a case's id is like one of the patterns."""
    return any(fnmatchcase(name, each) for each in patterns)


@pytest.mark.needs(Capability.WEBSOCKET)
async def test_a_server_keeps_rfc_6455(transport: Transport) -> None:
    check(transport, await judged(transport, CASES["websocket"]))


@pytest.mark.needs(Capability.NATIVE_FRAMES, Capability.HTTP_1)
async def test_a_native_server_keeps_the_room(transport: Transport) -> None:
    results = await judged(transport, cases_of(["room"], socket_io=False))
    left = [each for each in results if each.verdict is not Verdict.OK]
    assert [each for each in left if each.verdict is not Verdict.NOT_ASKED] == []
    # A machine may be slower than the pace.
    assert {each.case.id for each in left if not fits(each.case.id, (PACED, SILENT))} == set()


@pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.HTTP_1)
async def test_a_server_of_socket_io_keeps_the_room(transport: Transport) -> None:
    results = await judged(transport, cases_of(["room"], socket_io=True))
    assert [each for each in results if each.verdict in WRONG] == []
    assert any(each.verdict is Verdict.OK for each in results)


@pytest.mark.needs(Capability.NATIVE_FRAMES, Capability.WEBSOCKET, Capability.HEARTBEAT)
async def test_a_silent_native_client_is_lost(transport: Transport) -> None:
    await check_silent(transport, socket_io=False)


@pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.WEBSOCKET, Capability.HEARTBEAT)
async def test_a_silent_client_of_socket_io_is_lost(transport: Transport) -> None:
    await check_silent(transport, socket_io=True)


async def check_silent(transport: Transport, *, socket_io: bool) -> None:
    """Check that the member of a client which says nothing departs as lost."""
    whole = transport.stack().server.name in WHOLE_SECONDS
    cases = cases_of(["room"], socket_io=socket_io)
    silent = [case for case in cases if fits(case.id, (SILENT,))]
    results = await judged(transport, silent, QUICK if whole else SHORT)
    assert {each.case.id: each.verdict for each in results if each.verdict in WRONG} == {}
    assert any(each.verdict is Verdict.OK for each in results)


@pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.HTTP_1)
async def test_a_server_keeps_engine_io_and_socket_io(transport: Transport) -> None:
    cases = [*CASES["engineio"], *CASES["socketio"]]
    beats = [case for case in cases if case.group == "engineio/heartbeats"]
    check(transport, await judged(transport, [case for case in cases if case not in beats]))
    whole = transport.stack().server.name in WHOLE_SECONDS
    check(transport, await judged(transport, beats, QUICK if whole else SHORT))
