"""A right server passes all cases of Engine.IO and Socket.IO; a wrong one fails its fault's."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

from lab.handshakes.request import Request
from lab.judge.cases import CASES
from lab.judge.site import Engine, Event, Site
from tests.judge.engine import engine_server
from tests.judge.judging import fitting, flaws

SILENT_S = 3.0
"""The patience with servers whose fault is that they do not answer."""
BEAT_S = 0.3
LOST_S = 1.0
MARGIN_S = 2.0
"""How late a heartbeat may be."""
ALL = [*CASES["engineio"], *CASES["socketio"]]
BEATS = [case for case in ALL if case.group == "engineio/heartbeats"]
REST = [case for case in ALL if case not in BEATS]

FAULTS: dict[str, tuple[str, ...]] = {
    # The handshake.
    "does not look at EIO": ("engineio/handshake: * without a version", "*is no number"),
    "takes every transport for polling": (
        "engineio/handshake: * without a transport",
        "engineio/handshake: * of an unknown transport",
    ),
    "opens sessions for unknown ids": (
        "engineio/handshake: a poll of an unknown session",
        "engineio/handshake: a WebSocket of an unknown session",
    ),
    "opens sessions by POST": ("engineio/handshake: POST opens no session",),
    "opens sessions by PUT": ("engineio/handshake: PUT opens no session",),
    "forgets maxPayload": ("engineio/handshake: a * opens a session",),
    "offers no upgrade": ("engineio/handshake: a poll opens a session",),
    # Payloads, closes and the upgrade.
    "says OK": ("engineio/payloads: a POST is answered with ok",),
    "ignores what is no packet": (
        "engineio/payloads: a payload that is none",
        "engineio/payloads: a message that is no packet",
    ),
    "lets two polls wait": ("engineio/payloads: a second poll*",),
    "takes close packets for nothing": ("engineio/closes: *",),
    "answers the probe with 3": ("engineio/upgrade: *",),
    "lets a poll wait during the upgrade": (
        "engineio/upgrade: a session moves*",
        "engineio/upgrade: a waiting poll*",
    ),
    "serves polls after the upgrade": ("engineio/upgrade: requests after the move",),
    "upgrades twice": ("engineio/upgrade: another WebSocket*",),
    "takes no data in the upgrade packet": ("engineio/upgrade: data in*",),
    # Namespaces.
    "enters every namespace": ("socketio/namespaces: an unknown namespace, *",),
    "refuses namespaces without a message": ("socketio/namespaces: an unknown namespace, *",),
    "gives no sid": (
        "socketio/namespaces: the main namespace*",
        "socketio/namespaces: two clients*",
        "socketio/namespaces: left and entered again*",
    ),
    "gives each client one sid": ("socketio/namespaces: two clients have two ids, *",),
    "takes events before the namespace is entered": (
        "socketio/namespaces: an event *",
        "socketio/invalid first packets: no array, *",
    ),
    # Events, acknowledgements, attachments.
    "acknowledges events without an id": ("socketio/acknowledgements: an event without an id, *",),
    "acknowledges twice": ("socketio/events: two events*", "socketio/events: ten events*"),
    "acknowledges the first argument only": ("socketio/events: several arguments*",),
    "acknowledges with the event's name": ("socketio/events: * come back, *",),
    "cuts ids to 16 bits": ("socketio/acknowledgements: the id 2147483647, *",),
    "reads text as Latin-1": ("socketio/events: *not ASCII*", "socketio/events: quotes*"),
    "reads one packet of a payload": (
        "socketio/namespaces: an event after it is left, in POSTs",
        "socketio/events: ten events at once, in POSTs",
        "socketio/binary: *, in POSTs",
        "socketio/invalid packets: a text where bytes are due, in POSTs",
    ),
    "drops empty attachments": ("socketio/binary: an empty attachment, *",),
    "turns attachments around": ("socketio/binary: two attachments, *",),
    "ignores invalid packets": (
        "socketio/invalid packets: *",
        "socketio/invalid first packets: no packet, *",
    ),
}
BEAT_FAULTS: dict[str, tuple[str, ...]] = {
    "sends no pings": ("engineio/heartbeats: *",),
    "pings with 3": ("engineio/heartbeats: pings *", "engineio/heartbeats: no pongs in frames"),
    "waits for pongs for ever": ("engineio/heartbeats: no pongs *",),
}


def site_at(port: int, patience_s: float = 5.0, beat_s: float = 30.0) -> Site:
    """The server at a port of this machine; an event is acknowledged with its arguments."""
    poll = Request("GET", "/socket.io/?EIO=4&transport=polling", {"Host": f"127.0.0.1:{port}"})
    engine = Engine(poll, interval_s=beat_s, timeout_s=LOST_S, margin_s=MARGIN_S)
    event = Event("lab", echoes=True)
    opening = engine.opening()
    return Site("127.0.0.1", port, opening, None, None, patience_s, engine=engine, event=event)


def beating(fault: str = "") -> AbstractAsyncContextManager[int]:
    """A server with a short heartbeat."""
    return engine_server(fault, (BEAT_S, LOST_S))


async def test_a_right_server_passes_every_case() -> None:
    async with engine_server() as port:
        assert await flaws(site_at(port), REST) == {}
    async with beating() as port:
        assert await flaws(site_at(port, beat_s=BEAT_S), BEATS) == {}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_fails_exactly_its_cases(fault: str) -> None:
    async with engine_server(fault) as port:
        found = await flaws(site_at(port, SILENT_S), REST)
    assert {*found} == fitting((case.id for case in REST), FAULTS[fault])


@pytest.mark.parametrize("fault", BEAT_FAULTS)
async def test_a_fault_of_the_heartbeat_fails_exactly_its_cases(fault: str) -> None:
    async with beating(fault) as port:
        found = await flaws(site_at(port, beat_s=BEAT_S), BEATS)
    assert {*found} == fitting((case.id for case in BEATS), BEAT_FAULTS[fault])


async def test_what_takes_too_long_is_not_asked() -> None:
    async with engine_server() as port:
        found = await flaws(site_at(port, beat_s=60), BEATS)
    assert {*found} == {case.id for case in BEATS}
    assert all("--longest" in each.finding.got for each in found.values())
