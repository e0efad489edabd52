"""The cases of Engine.IO 4 and Socket.IO 5 that need an application which echoes.

The room is no such application, so these tests host one on each tuned transport of Engine.IO, and
judge it. docs/tuned.md names the cases that are left out by design.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.contract import Capability, Heartbeat, ServeOptions
from lab.handshakes.request import Request
from lab.judge.cases import CASES
from lab.judge.engineio.session import in_frames, in_posts
from lab.judge.player import Player
from lab.judge.run import judge
from lab.judge.site import Engine as Offered
from lab.judge.site import Event, Site
from lab.judge.verdict import Verdict
from tests.conformance.client import PATIENCE_S
from transports import registry
from transports._codec.frames import BINARY, frame
from transports._tuned import listener
from transports._tuned.engineio.engine import Engine
from transports._tuned.engineio.namespace import MainNamespace
from transports._tuned.engineio.packets import Packet
from transports._tuned.engineio.session import Application, Session
from transports._tuned.engineio.transport import TunedSocketio

SHORT = Heartbeat(interval_s=0.3, timeout_s=0.2)
NO_EVENT = Event("none")
LEFT_OUT = ("socketio/binary",)
"""Groups of cases that the tuned transports leave out by design: the room has no attachments."""


class Echo:
    """Sends each Engine.IO message back."""

    def __init__(self) -> None:
        self.engine: Engine

    def message(self, session: Session, message: bytes) -> None:
        session.send(b"4" + message)

    def attachment(self, session: Session, data: bytes) -> None:
        if session.websocket is None:
            self.engine.reactor.put(session.poll, b"b" + base64.b64encode(data))
        else:
            self.engine.reactor.put(session.websocket, frame(BINARY, data))

    def upgraded(self, session: Session) -> None:
        """Do nothing: this is no message."""

    def departed(self, session: Session, why: Why) -> None:
        """Do nothing: this is no message."""


class SocketEcho(MainNamespace):
    """Sends each event back, and acknowledges it if the client asks for that."""

    def __init__(self) -> None:
        self.engine: Engine

    @property
    def new_id(self) -> Callable[[], str]:  # type: ignore[override]
        return self.engine.new_id

    def entered(self, session: Session, packet: Packet) -> None:
        session.send(b'42["auth",' + msgspec.json.encode(packet.data or {}) + b"]")

    def event(self, session: Session, packet: Packet) -> None:
        _name, *said = packet.data
        if packet.id is None:
            session.send(b"42" + msgspec.json.encode(["message-back", *said]))
        else:
            session.send(b"43%d" % packet.id + msgspec.json.encode(said))

    def left(self, session: Session, why: Why) -> None:
        """Do nothing: there are no other members."""

    def upgraded(self, session: Session) -> None:
        """Do nothing."""


def tuned(*needed: Capability) -> list[TunedSocketio]:
    """The tuned transports of Engine.IO that have these capabilities."""
    names = [name for name in registry.TUNED if registry.unavailable(name) is None]
    loaded = [registry.load(name) for name in names]
    able = [one for one in loaded if set(needed) <= one.capabilities]
    return [one for one in able if isinstance(one, TunedSocketio)]


def named(transport: object) -> str:
    return transport.name if isinstance(transport, TunedSocketio) else str(transport)


@asynccontextmanager
async def hosted(
    transport: TunedSocketio,
    application: Echo | SocketEcho,
    event: Event = NO_EVENT,
    heartbeat: Heartbeat | None = None,
) -> AsyncIterator[Site]:
    """Run a server of this transport with this application in place of the room."""
    options = ServeOptions(heartbeat=heartbeat or Heartbeat())
    as_application: Application = application
    engine = Engine(as_application, options, Limits(), transport.transports, None)
    application.engine = engine
    async with listener.listening(
        options, engine.reactor, engine.timer_wheel, engine.open_connection
    ) as port:
        try:
            yield site_at(transport, port, event)
        finally:
            engine.close_all()


def site_at(transport: TunedSocketio, port: int, event: Event) -> Site:
    """What the judge knows of the server."""
    host = ServeOptions().host
    poll = Request("GET", "/socket.io/?EIO=4&transport=polling", {"Host": f"{host}:{port}"})
    engine = Offered(
        poll,
        polls=Capability.HTTP_SESSION in transport.capabilities,
        frames=Capability.WEBSOCKET in transport.capabilities,
    )
    return Site(host, port, engine.opening(), patience_s=PATIENCE_S, engine=engine, event=event)


polled = pytest.mark.parametrize("transport", tuned(Capability.HTTP_SESSION), ids=named)
framed = pytest.mark.parametrize("transport", tuned(Capability.WEBSOCKET), ids=named)


@polled
async def test_payloads_come_back(transport: TunedSocketio) -> None:
    payloads = (b"4hello", b"4test1\x1e4test2\x1e4test3", b"4hello\x1ebAQIDBA==")
    async with hosted(transport, Echo()) as site, in_posts(Player(site)) as session:
        for payload in payloads:
            (await session.post_body(payload)).must_hold(b"ok")
            (await session.poll()).must_hold(payload)


@framed
async def test_messages_come_back(transport: TunedSocketio) -> None:
    async with hosted(transport, Echo()) as site, in_frames(Player(site)) as session:
        for message in ("4hello", b"\1\2\3\4"):
            await session.send(message)
            (await session.due("the message")).must_be(message)


@pytest.mark.parametrize("transport", tuned(), ids=named)
@pytest.mark.parametrize("answer", [None, "message-back"], ids=["acknowledged", "answered"])
async def test_events_come_back(transport: TunedSocketio, answer: str | None) -> None:
    cases = [case for case in CASES["socketio"] if not case.group.startswith(LEFT_OUT)]
    async with hosted(transport, SocketEcho(), Event("message", answer, echoes=True)) as site:
        results = await judge(site, cases)
    assert [each for each in results if each.verdict in (Verdict.FAILED, Verdict.NOT_STRICT)] == []
    assert sum(each.verdict is Verdict.OK for each in results) > len(cases) / 3


@framed
async def test_a_client_without_a_namespace_is_closed(transport: TunedSocketio) -> None:
    async with (
        hosted(transport, SocketEcho(), heartbeat=SHORT) as site,
        in_frames(Player(site)) as session,
    ):
        await session.must_end("it has entered no namespace")
