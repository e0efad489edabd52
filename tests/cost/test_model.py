"""What a chat costs, with numbers that can be checked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from lab.answer.evidence import Evidence
from lab.answer.measurements import Value
from lab.answer.span import Span
from lab.cost import model, text
from lab.cost.model import ASSUMPTIONS, MEASURED_TEXT_BYTES, STACKS, Cost, Row, cost
from lab.cost.plan import RANGES, Plan, PlanError, check, parse
from lab.load.profiles import PROFILES
from lab.report.model.formatting import NO_BREAK
from tests.answer.synthetic import measured

NUMBERS = {
    "one_cpu_us_100": 10.0,
    "idle_cpu_ms_per_minute": 600.0,
    "memory_joined_kib": 16.0,
    "delivery_bytes": 150.0,
    "message_bytes": 180.0,
    "heartbeat_bytes_per_minute": 60.0,
}
PLAN = Plan(users=1_000, rooms=10, rate=0.1, per="user")
"""100 messages a second to 100 members each: 10,000 deliveries a second."""


def computed(plan: Plan = PLAN, **without: float) -> Cost:
    numbers = {key: value for key, value in NUMBERS.items() if key not in without}
    run = measured("packaged", {"websocket": numbers})
    if "one_cpu_us_100" in numbers:
        run.values["websocket"]["one_cpu_us_100"] = Value(10.0, 9.0, 12.0, 9)
    return cost(plan, Evidence((), (run,)), ["python"])


def row(found: Cost, transport: str = "websocket") -> Row:
    return next(one for one in found.rows if one.transport == transport)


def rounded(span: Span | None) -> Span:
    """With its bounds, without the error of binary fractions."""
    assert span is not None
    return Span(round(span.median, 9), round(span.lowest, 9), round(span.highest, 9))


def test_every_step_can_be_worked_out_by_hand() -> None:
    found = computed()
    assert {step.key: step.result.median for step in found.shared} == {
        "messages_per_user": 100,
        "members": 100,
        "deliveries": 10_000,
        "seconds": 2_592_000,
    }
    plain = row(found)
    # 10,000 x 10 µs, and 1,000 connections x 10 µs a second, of which the interval is the first's.
    assert rounded(plain.cores) == Span(0.11, 0.1, 0.13)
    assert plain.memory_bytes == Span(1_000 * 16 * 1024)
    assert plain.month_bytes == Span(2_592_000 * (10_000 * 150 + 100 * 180 + 1_000 * 1))
    assert not plain.missing
    assert {one.run for one in plain.sources} == {"packaged"}


def test_a_rate_can_be_that_of_a_room() -> None:
    found = computed(Plan(users=1_000, rooms=10, rate=5, per="room", hours=12))
    steps = {step.key: step.result.median for step in found.shared}
    assert (steps["messages_per_room"], steps["deliveries"]) == (50, 5_000)
    assert steps["seconds"] == 1_296_000


def test_a_longer_text_adds_its_bytes_to_every_message() -> None:
    longer = row(computed(Plan(users=1_000, rooms=10, rate=0.1, per="user", text_bytes=164)))
    usual = row(computed())
    assert longer.month_bytes and usual.month_bytes
    added = longer.month_bytes.median - usual.month_bytes.median
    assert added == 2_592_000 * 100 * (10_000 + 100)
    assert {one.payload_bytes for one in PROFILES.values()} == {MEASURED_TEXT_BYTES}


def test_what_was_not_measured_is_missing_and_nothing_is_made_up() -> None:
    nothing = row(computed(), "socketio-polling")
    assert (nothing.cores, nothing.memory_bytes, nothing.month_bytes) == (None, None, None)
    assert nothing.missing == ["bytes", "fan_out", "idle", "memory"]
    assert text.cells(nothing) == (text.NOT_MEASURED,) * 3
    busy = row(computed(idle_cpu_ms_per_minute=0))
    assert rounded(busy.cores) == Span(0.1, 0.09, 0.12)
    assert busy.missing == ["idle"]
    assert [step.key for step in busy.steps] == ["cores_busy", "memory", "month"]


def test_each_stack_has_its_transports() -> None:
    found = cost(PLAN, Evidence((), ()), STACKS)
    assert [one.transport for one in found.rows] == [
        name for block in STACKS.values() for name in block.transports.values()
    ]


def test_the_arithmetic_is_written_line_by_line() -> None:
    found = [line.replace(NO_BREAK, " ") for line in text.arithmetic(computed())]
    assert found == [
        "messages a second = 1 000 users × 0.100 = 100",
        "members of a room = 1 000 users / 10 rooms = 100",
        "deliveries a second = 100 messages × 100 members = 10 000",
        "seconds a month = 30 days × 24 hours × 3600 = 2 592 000",
        "websocket:",
        "  cores = 10 000 deliveries × 10.0 [9.00, 12.0] µs + 1 000 users × 10 µs, each second"
        " = 0.110 [0.100, 0.130]",
        "  memory = 1 000 users × 16 KiB = 15.6 MiB",
        "  bytes a month = 2 592 000 s × (10 000 deliveries × 150 B + 100 messages × 180 B + 1 000"
        " users × 1 B of heartbeats) = 3.94 TB",
    ]


def test_every_step_and_every_assumption_has_its_words() -> None:
    found = [
        computed(),
        computed(Plan(users=9, rooms=3, rate=1, per="room"), idle_cpu_ms_per_minute=0),
    ]
    keys = {step.key for one in found for step in [*one.shared, *row(one).steps]}
    assert keys == set(text.FORMULAS)
    assert set(ASSUMPTIONS) == set(text.SENTENCES)
    assert len(list(text.assumptions())) == len(ASSUMPTIONS)


def test_the_sources_name_each_run_once_with_its_command() -> None:
    lines = list(text.sources(computed()))
    assert (
        "fan_out: reference run packaged; lab bench --experiment fan_out --transports websocket"
        in lines
    )
    assert len(lines) == len(set(lines)) == len(set(model.EXPERIMENTS.values()))


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.50 kB"), (2e9, "2.00 GB"), (5e20, "500 000 PB")],
)
def test_a_number_of_bytes_has_the_unit_that_makes_it_short(size: float, shown: str) -> None:
    found = text.amount(Span(size), 1000, text.DECIMAL)
    assert found.replace(NO_BREAK, " ") == shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("users", 0),
        ("rooms", 1_001),
        ("rate", -1),
        ("rate", float("nan")),
        ("text_bytes", 10_000_000),
        ("hours", 25),
    ],
)
def test_an_impossible_plan_names_the_field_and_its_range(field: str, value: float) -> None:
    numbers: dict[str, Any] = {
        "users": 1_000,
        "rooms": 10,
        "rate": 0.1,
        "per": "user",
        field: value,
    }
    with pytest.raises(PlanError, match=r"out of range: from .* to ") as caught:
        check(Plan(**numbers))
    assert caught.value.field == field
    assert caught.value.high == (1_000 if field == "rooms" else RANGES[field][1])


def test_a_plan_is_read_from_the_texts_of_a_query() -> None:
    texts = {"users": "1000", "rooms": "10", "rate": "1e-1", "text_bytes": "64", "hours": "24"}
    assert parse(texts) == PLAN
    assert parse(texts | {"per": "room"}).per == "room"


@pytest.mark.parametrize(
    ("field", "text"),
    [("users", ""), ("rooms", "many"), ("rate", "nan"), ("users", "1.5"), ("hours", "-1")],
)
def test_a_text_that_is_no_number_names_the_field(field: str, text: str) -> None:
    texts = {"users": "9", "rooms": "3", "rate": "1", "text_bytes": "64", "hours": "24"}
    with pytest.raises(PlanError) as caught:
        parse(texts | {field: text})
    assert caught.value.field == field
