"""A scenario, made ready for its clients: texts, names, and who has to get what."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from lab.load.scenario.messages import Scope
from lab.load.scenario.packets import CONNECT, Outgoing, namespace_prefix
from lab.load.scenario.watch import Watch, as_sent
from lab.load.texts import incompressible
from lab.scenario import Expected, Scenario
from lab.scenario.placeholders import Template, Values, json_template
from lab.scenario.schema import wants_ack

POOL = 1024
"""Texts repeat after this many, or fewer where they are long."""
POOL_BYTES = 4 << 20
SHORT = 8
"""Bytes. There are too few different shorter texts."""
ACK = Expected(ack=True)


class ReadyStep(NamedTuple):
    """One step of the setup: its name, its acknowledgement's number, and how it is answered."""

    name: str
    ack: bytes
    expected: Expected | None


class Plan:
    """What every client of a scenario shares.

    `scenario` has its secrets revealed. `shared`: the answer looks like a delivery, so that a
    sender's own copy is its answer.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self._texts: dict[int, Any] = {}
        self._seed = seed
        connect = scenario.connect
        self.socketio = connect.transport == "socketio"
        self.mode = connect.mode
        self.namespace = connect.namespace
        self.subprotocols = connect.subprotocols
        self.prefix = namespace_prefix(connect)
        self.acked = wants_ack(scenario.answer)
        self.outgoing = Outgoing(scenario.send, connect, self._text, acked=self.acked)
        self.scope = Scope(scenario)
        sent = as_sent(scenario.send, self.outgoing.beginning)
        self.delivery = (scenario.broadcast.what or sent) if scenario.broadcast else None
        self.answer = None if self.acked else self._expected(scenario.answer, sent)
        self.acknowledged = (
            scenario.answer if isinstance(scenario.answer, Expected) and self.acked else ACK
        )
        self.acknowledgement = Watch(self.acknowledged)
        self.shared = self.answer is not None and self.answer == self.delivery
        self.steps = [self._step(number) for number in range(len(scenario.setup))]
        load = scenario.load
        self._client_digits = len(str(load.clients - 1))
        self._room_digits = len(str(load.rooms - 1))

    def admission(self, values: Values) -> bytes:
        """The packet by which a client asks to be let into the namespace."""
        auth = self.scenario.connect.auth
        payload = self._filled(json_template(auth), values) if auth else b""
        return CONNECT + self.prefix + payload

    def query(self, values: Values) -> dict[str, str]:
        """The scenario's own query for a client."""
        query = self.scenario.connect.query
        return {
            name: self._filled(value.encode(), values).decode() for name, value in query.items()
        }

    def _filled(self, source: bytes, values: Values) -> bytes:
        return Template(source, self._text).render(values)

    def client_name(self, number: int) -> str:
        """The name of a client. All have the same length, and another load has others."""
        return f"client-{number:0{self._client_digits}}-{self._seed:08x}"

    def room_name(self, client: int) -> str:
        """The name of a client's room; see `client_name`."""
        room = client % self.scenario.load.rooms
        return f"room-{room:0{self._room_digits}}-{self._seed:08x}"

    def _expected(self, answer: str | Expected | None, sent: Expected) -> Expected | None:
        return answer if isinstance(answer, Expected) else sent if answer == "echo" else None

    def _step(self, number: int) -> tuple[ReadyStep, Outgoing]:
        step = self.scenario.setup[number]
        acked = wants_ack(step.answer)
        expected = step.answer if isinstance(step.answer, Expected) else ACK if acked else None
        name = f"setup[{number}]" if step.event is None else f"setup[{number}] ({step.event})"
        outgoing = Outgoing(step, self.scenario.connect, self._text, acked=acked)
        return ReadyStep(name, b"%d" % (number + 1), expected), outgoing

    def _text(self, size: int) -> bytes:
        if size not in self._texts:
            count = max(2, min(POOL, POOL_BYTES // size))
            made = incompressible(size, count, self._seed) if size >= SHORT else ["x" * size]
            self._texts[size] = itertools.cycle(text.encode() for text in made)
        text: bytes = next(self._texts[size])
        return text
