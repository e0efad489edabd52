"""One client of a load: connects, makes the scenario's setup, sends, and receives."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Container, Iterator

import msgspec

from lab.load.raw.exchange import RawError
from lab.load.scenario.links import Link, PollingLink, Session, Site, WebSocketLink, opened_session
from lab.load.scenario.messages import Messages
from lab.load.scenario.packets import (
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    Heard,
    read_socket_io,
    read_text,
)
from lab.load.scenario.plan import Plan
from lab.load.scenario.watch import Watch
from lab.measure.clock import now_ns
from lab.target.errors import TargetError

Phase = tuple[str, Callable[[], bool]]
"""What a client waits for an answer to, and whether the answer has come."""


class Client:
    """Client `number` of a load. `log`: the ids that it received, joined.

    `connect_ns` and `setup_ns`: from the instant before the TCP connect until a message can be
    sent, and until the setup is answered; 0: not yet. `closed`: why its connection ended.
    """

    def __init__(
        self, number: int, plan: Plan, messages: Messages, selector: selectors.BaseSelector
    ) -> None:
        self.number = number
        self.count = 0
        self.log = bytearray()
        self.connect_ns = self.setup_ns = 0
        self.closed: str | None = None
        self.others = 0
        """Messages that are none of this load's."""
        self._plan = plan
        self._messages = messages
        self._selector = selector
        self._link: Link | None = None
        self._session: Session | None = None
        self._unanswered: dict[bytes, int] = {}
        """The ids of its own messages that are not answered."""
        self._awaited_step: Watch | None = None
        self._sid: str | None = None
        self._admitted = False
        self._probed = False
        self._deliveries = Watch(plan.delivery) if plan.delivery else None
        self._answers = Watch(plan.answer) if plan.answer and not plan.shared else None
        self.watch: Watch = self._deliveries or self._answers or Watch(plan.acknowledged)
        self.awaited: Container[bytes] = messages.left if self._deliveries else self._unanswered
        self._values = {
            "client": plan.client_name(number).encode(),
            "room": plan.room_name(number).encode(),
        }
        self._is_shared = plan.shared
        self._sent = 0

    # Connecting

    def connect(self, site: Site) -> Iterator[Phase]:
        """Connect, and make the setup. Yields what has to be answered.

        Raises:
            TargetError: the target refuses, or speaks something else.
            RawError: the connection ended.
        """
        begun = now_ns()
        yield from self._open(site)
        self.connect_ns = now_ns() - begun
        for step, outgoing in self._plan.steps:
            self._awaited_step = Watch(step.expected) if step.expected else None
            self._write(outgoing.render(self._all_values(b"0"), step.ack))
            if self._awaited_step is not None:
                yield step.name, lambda: self._awaited_step is None
        self.setup_ns = now_ns() - begun

    def _open(self, site: Site) -> Iterator[Phase]:
        plan = self._plan
        if not plan.socketio:
            yield from self._websocket(site, self._resource(site), plan.subprotocols)
            return
        if plan.mode == "websocket":
            resource = self._resource(site, transport="websocket")
            yield from self._websocket(site, resource, [])
            yield "the opening of a session", lambda: self._sid is not None
        else:
            resource = self._resource(site, transport="polling")
            self._session = session = Session(self._selector, site, self, resource)
            yield "the first poll", lambda: session.sid is not None
            session.close()
            self._session = None
            self._sid = session.sid
            yield from self._carry_on(site, str(session.sid))
        self._write(plan.admission(self._values))
        yield f"the request for namespace {plan.namespace}", lambda: self._admitted

    def _carry_on(self, site: Site, sid: str) -> Iterator[Phase]:
        """Go on with the session by polling, or upgrade it (Engine.IO, "Upgrade")."""
        if self._plan.mode == "polling":
            resource = self._resource(site, transport="polling", sid=sid)
            self._link = PollingLink(self._selector, site, self, resource)
            return
        yield from self._websocket(site, self._resource(site, transport="websocket", sid=sid), [])
        self._write(b"2probe")
        yield "the probe of the upgrade", lambda: self._probed
        self._write(b"5")

    def _websocket(self, site: Site, resource: str, subprotocols: list[str]) -> Iterator[Phase]:
        link = WebSocketLink(self._selector, site, self, resource, subprotocols)
        self._link = link
        self._site = site
        yield "the opening handshake", lambda: link.ready

    def _resource(self, site: Site, **engine_io: str) -> str:
        """Path and query of a request; Engine.IO's protocol is 4."""
        version = {"EIO": "4"} if engine_io else {}
        return site.resource({**self._plan.query(self._values), **version, **engine_io})

    # Sending

    def send(self, due_ns: int, count: int = 1) -> None:
        """Send the next messages in one write. They are due now if `due_ns` is 0.

        Raises:
            RawError: the connection is broken.
        """
        texts = []
        now = now_ns()
        for _ in range(count):
            tag = self._messages.send(self.number, due_ns or now, now)
            if self._messages.answers:
                self._unanswered[tag] = self._sent
            texts.append(self._plan.outgoing.render(self._all_values(tag), tag))
            self._sent += 1
        self._write(*texts)

    def preview(self, tag: bytes) -> str:
        """A message as it was sent, for a person to read."""
        return self._plan.outgoing.render(self._all_values(tag), tag).decode(errors="replace")

    def close(self) -> None:
        """Close the connection."""
        for each in (self._link, self._session):
            if each is not None:
                each.close()
        self._link = self._session = None

    def _write(self, *texts: bytes) -> None:
        assert self._link is not None
        self._link.send(texts)

    def _all_values(self, tag: bytes) -> dict[str, bytes]:
        return {**self._values, "id": tag, "n": b"%d" % self._sent}

    # Receiving

    def arrived(self, tags: list[bytes]) -> None:
        """Take the ids of messages that need not be decoded. See `Receiver`."""
        if self._deliveries is None:
            now = now_ns()
            for tag in tags:
                self._answered(tag, now)
            return
        if self._is_shared and self._unanswered:
            tags = self._without_own_answers(tags, now_ns())
        self.log += b"".join(tags)
        if last := self._messages.deliver(tags):
            self._messages.delivered(last, now_ns())

    def heard(self, text: bytes) -> None:
        """Take a text that has to be decoded. See `Receiver`.

        Raises:
            RawError: the target ends the connection with it.
            TargetError: it refuses the namespace.
        """
        message = self._engine_io(text) if self._plan.socketio else read_text(text)
        if message is None:
            return
        if self._awaited_step is not None and self._awaited_step.recognises(message):
            self._awaited_step = None
            return
        if not self._is_counted(message):
            self.others += 1

    def _is_counted(self, message: Heard) -> bool:
        if message.ack is not None and self._plan.acked:
            tag = b"%d" % message.ack
            if not (self._is_own(tag) and self._plan.acknowledgement.recognises(message)):
                return False
            self._answered(tag, now_ns())
            if self._deliveries is None:
                self.watch.learn(message.text, tag)
            return True
        for watch in (self._deliveries, self._answers):
            if watch is not None and watch.recognises(message):
                for tag in watch.ids(message):
                    if self._messages.number(tag) is not None:
                        self._take(watch, message, tag)
                        return True
        return False

    def _take(self, watch: Watch, message: Heard, tag: bytes) -> None:
        if watch is self.watch:
            watch.learn(message.text, tag)
        if watch is self._deliveries:
            self.arrived([tag])
        else:
            self._answered(tag, now_ns())

    def _without_own_answers(self, tags: list[bytes], now: int) -> list[bytes]:
        """Take a sender's own messages as answers: the answer looks like a delivery."""
        own = [tag for tag in tags if tag in self._unanswered]
        for tag in own:
            self._answered(tag, now)
        if self._plan.scope.includes_sender:
            return tags
        return [tag for tag in tags if tag not in own]

    def _answered(self, tag: bytes, now: int) -> None:
        """Note an answer. One that is not to this client's own message counts for nothing."""
        self._unanswered.pop(tag, None)
        if self._is_own(tag):
            self._messages.answer(tag, now)

    def _is_own(self, tag: bytes) -> bool:
        number = self._messages.number(tag)
        return number is not None and self._messages.senders[number] == self.number

    def _engine_io(self, text: bytes) -> Heard | None:
        if text == b"2":
            self._write(b"3")
        elif text == b"3probe":
            self._probed = True
        elif text.startswith(b"0") and self._sid is None:
            self._sid = opened_session(text, self._site)
        elif text == b"1":
            raise RawError("the session was closed by the server")
        elif self._admitted:
            return self._socket_io(text)
        elif text.startswith((CONNECT, CONNECT_ERROR)):
            self._admit(text)
        elif self._sid is None:
            opened_session(text, self._site)
        return None

    def _socket_io(self, text: bytes) -> Heard | None:
        if text.startswith(DISCONNECT + self._plan.prefix):
            raise RawError("the server disconnected the client")
        return read_socket_io(text, self._plan.namespace)

    def _admit(self, text: bytes) -> None:
        """The answer to the namespace's connect packet (Socket.IO, "Connection")."""
        if text.startswith(CONNECT + self._plan.prefix):
            self._admitted = True
        elif text.startswith(CONNECT_ERROR):
            at = text.find(b"{")
            said = msgspec.json.decode(text[at:]).get("message", "") if at > 0 else text.decode()
            raise TargetError(
                f"namespace {self._plan.namespace} refused the client: {said}",
                "check connect.namespace and connect.auth",
            )
