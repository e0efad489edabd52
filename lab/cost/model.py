"""Computes a cost from measured numbers, and keeps every step of the arithmetic."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable

import msgspec

from lab.answer import blocks, evidence
from lab.answer.blocks import Block
from lab.answer.evidence import Evidence, Number
from lab.answer.span import Span
from lab.cost.plan import USER, Plan

MEASURED_TEXT_BYTES = 64
"""The text of a message in the runs from which the bytes come."""
DAYS = 30
"""Of a month."""
STACKS = {block.key: block for block in blocks.BLOCKS}
EXPERIMENTS = {
    "cpu": "fan_out",
    "idle": "idle",
    "kib": "memory",
    "delivery": "bytes",
    "message": "bytes",
    "heartbeat": "bytes",
}
"""Number that a row needs -> the experiment that measures it."""
ASSUMPTIONS = (
    "rooms",
    "month",
    "in_flight",
    "text",
    "network",
    "handshakes",
    "processes",
    "spare",
    "default",
)
"""Keys of what is assumed; `lab.cost.text` and the page have the sentences."""


class Step(msgspec.Struct, frozen=True):
    """One line of arithmetic: `key` names the formula, `values` what is put into it."""

    key: str
    values: dict[str, Span]
    result: Span


class Source(msgspec.Struct, frozen=True):
    """Where one measured number comes from."""

    title: str
    transport: str
    run: str
    own: bool
    experiment: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of one transport.

    `cores`: of the server. `memory_bytes`: of the server, for all users. `month_bytes`: in both
    directions. None where a number was not measured; `missing` names the experiments.
    """

    stack: str
    variant: str
    transport: str
    cores: Span | None
    memory_bytes: Span | None
    month_bytes: Span | None
    steps: list[Step]
    sources: list[Source]
    missing: list[str]


class Cost(msgspec.Struct, frozen=True):
    """The costs of all transports; `shared` are the steps that they have in common."""

    plan: Plan
    shared: list[Step]
    rows: list[Row]
    assumptions: tuple[str, ...]


def cost(plan: Plan, found: Evidence, stacks: Iterable[str]) -> Cost:
    """The cost of the plan on these stacks (keys of `STACKS`), with every transport of each."""
    load = _Load(plan)
    rows = [
        _row(load, found, STACKS[stack], variant) for stack in stacks for variant in blocks.VARIANTS
    ]
    return Cost(plan, load.steps, rows, ASSUMPTIONS)


class _Load:
    """How much there is to deliver, whatever the transport."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        senders = plan.users if plan.per == USER else plan.rooms
        self.messages = plan.rate * senders
        self.members = plan.users / plan.rooms
        self.deliveries = self.messages * self.members
        self.seconds = plan.hours * 3600 * DAYS
        self.steps = [
            _step(f"messages_per_{plan.per}", self.messages, senders=senders, rate=plan.rate),
            _step("members", self.members, users=plan.users, rooms=plan.rooms),
            _step("deliveries", self.deliveries, messages=self.messages, members=self.members),
            _step("seconds", self.seconds, hours=plan.hours, days=DAYS),
        ]


def _row(load: _Load, found: Evidence, block: Block, variant: str) -> Row:
    transport = block.transports[variant]
    numbers = {
        "cpu": found.cpu(transport, round(load.members) or 1),
        "idle": found.find(evidence.IDLE_CPU, transport),
        "kib": found.find(evidence.MEMORY, transport),
        "delivery": found.find(evidence.DELIVERY_BYTES, transport),
        "message": found.find(evidence.MESSAGE_BYTES, transport),
        "heartbeat": found.find(evidence.HEARTBEAT_BYTES, transport),
    }
    spans = {key: number.span for key, number in numbers.items() if number is not None}
    steps = {
        step.key: step
        for step in (_cores(load, spans), _memory(load, spans), _month(load, spans))
        if step
    }
    return Row(
        stack=block.key,
        variant=variant,
        transport=transport,
        cores=_result(steps, "cores", "cores_busy"),
        memory_bytes=_result(steps, "memory"),
        month_bytes=_result(steps, "month"),
        steps=list(steps.values()),
        sources=[_source(number) for number in numbers.values() if number is not None],
        missing=sorted({EXPERIMENTS[key] for key in numbers.keys() - spans.keys()}),
    )


def _cores(load: _Load, spans: dict[str, Span]) -> Step | None:
    """Deliveries, and what connections cost that are idle, if that was measured."""
    if "cpu" not in spans:
        return None
    values = {"deliveries": Span(load.deliveries), "cpu": spans["cpu"]}
    busy = spans["cpu"].times(load.deliveries / 1e6)
    if "idle" not in spans:
        return Step("cores_busy", values, busy)
    # Of 1,000 connections in a minute, in ms: so many µs of one connection in a second times 60.
    idle = spans["idle"].times(1 / 60)
    values |= {"users": Span(load.plan.users), "idle": idle}
    return Step("cores", values, busy.plus(idle.times(load.plan.users / 1e6)))


def _memory(load: _Load, spans: dict[str, Span]) -> Step | None:
    if "kib" not in spans:
        return None
    values = {"users": Span(load.plan.users), "kib": spans["kib"]}
    return Step("memory", values, spans["kib"].times(load.plan.users * 1024))


def _month(load: _Load, spans: dict[str, Span]) -> Step | None:
    """Deliveries, messages with their replies, and heartbeats, in both directions."""
    if not {"delivery", "message", "heartbeat"} <= spans.keys():
        return None
    longer = Span(load.plan.text_bytes - MEASURED_TEXT_BYTES)
    delivery, message = spans["delivery"].plus(longer), spans["message"].plus(longer)
    heartbeat = spans["heartbeat"].times(1 / 60)
    a_second = (
        delivery.times(load.deliveries)
        .plus(message.times(load.messages))
        .plus(heartbeat.times(load.plan.users))
    )
    values = {
        "seconds": Span(load.seconds),
        "deliveries": Span(load.deliveries),
        "delivery": delivery,
        "messages": Span(load.messages),
        "message": message,
        "users": Span(load.plan.users),
        "heartbeat": heartbeat,
    }
    return Step("month", values, a_second.times(load.seconds))


def _step(key: str, result: float, **values: float) -> Step:
    return Step(key, {name: Span(value) for name, value in values.items()}, Span(result))


def _result(steps: dict[str, Step], *keys: str) -> Span | None:
    return next((steps[key].result for key in keys if key in steps), None)


def _source(number: Number) -> Source:
    return Source(
        number.quantity.title,
        number.transport,
        number.run,
        number.own,
        number.quantity.experiment,
    )
