"""A load counts every message exactly, and says which one is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.load.scenario.run import Watching
from lab.target.errors import TargetError
from tests.load.scenario.faulty import Copies, faulty
from tests.load.scenario.sites import loaded, native

SOON = 0.3
"""Seconds until a message counts as lost, where it never comes."""


def test_a_closed_loop_counts_what_comes(subtests: pytest.Subtests) -> None:
    cases: dict[str, tuple[dict[str, Any], int, int]] = {
        "everybody": ({"broadcast": {"to": "everybody"}}, 30, 90),
        "echo": ({"broadcast": None, "answer": "echo"}, 30, 0),
        "both": ({"broadcast": {"to": "everybody"}, "answer": "echo"}, 30, 90),
        "json": (
            {
                "send": {"json": {"type": "say", "n": "{n}", "id": "{id:number}"}},
                "broadcast": {"to": "everybody", "what": {"match": {"type": "say"}, "id": "id"}},
            },
            30,
            90,
        ),
        "several in flight": ({"load": {"clients": 2, "in_flight": 8, "messages": 40}}, 40, 80),
        "after a warm-up": ({"load": {"clients": 2, "warmup": 10, "messages": 20}}, 20, 40),
    }
    with faulty() as port:
        for name, (tables, messages, deliveries) in cases.items():
            with subtests.test(name):
                found = loaded(port, native(**tables))
                assert (found.void, found.ended, found.missing) == (None, None, None)
                assert (found.audit.messages, found.audit.expected) == (messages, deliveries)
                assert found.audit.delivered == deliveries
                for latency, there in (
                    (found.delivery, deliveries > 0),
                    (found.answer, "answer" in tables),
                ):
                    assert (latency.corrected.count if latency else 0) == messages * there
                assert len(found.connects) == found.load.clients
                assert all(a >= b > 0 for a, b in zip(found.setups, found.connects, strict=True))


def test_an_open_loop_sends_on_schedule() -> None:
    with faulty() as port:
        found = loaded(port, native(load={"clients": 2, "rate": 200, "duration": 0.5}))
    assert found.void is None
    assert found.audit.messages > 0
    assert found.delivery is not None
    assert found.delivery.corrected.count == found.audit.messages
    assert found.delivery.uncorrected.count <= found.audit.messages
    assert found.late.count + found.late.out_of_range == found.audit.messages


def drops(number: int, own: bool) -> int:
    return int(number != 7 or own)


def drops_all(number: int, own: bool) -> int:
    return 0


def doubles(number: int, own: bool) -> int:
    return 2 if number == 7 and own else 1


FAULTS: dict[str, tuple[Copies, str, tuple[int, int, int], str]] = {
    "lost": (drops, "everybody", (2, 0, 0), "2 of 21 deliveries never came"),
    "doubled": (doubles, "everybody", (0, 1, 0), "1 came more than once"),
    "astray": (lambda _, own: 1, "others", (0, 0, 30), "30 came to a client that should not"),
    "nothing": (drops_all, "everybody", (3, 0, 0), "3 of 3 deliveries never came"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_makes_the_load_void(fault: str) -> None:
    copies, to, counted, why = FAULTS[fault]
    load = {"clients": 3, "senders": 1, "messages": 30, "timeout": SOON}
    with faulty(copies) as port:
        found = loaded(port, native(broadcast={"to": to}, load=load))
    audit = found.audit
    assert (audit.lost, audit.doubled, audit.stray) == counted
    assert found.void is not None
    assert why in found.void
    if audit.lost:
        assert found.ended == "overdue"
        assert found.missing is not None
        number = 7 if fault == "lost" else 1
        assert found.missing.startswith(f"message {number} of client 0: ")


def test_an_open_loop_goes_on_after_a_loss() -> None:
    load = {"clients": 2, "senders": 1, "rate": 100, "duration": 0.5, "timeout": SOON}
    with faulty(drops) as port:
        found = loaded(port, native(load=load))
    assert (found.ended, found.audit.lost) == (None, 1)
    assert found.audit.messages > 7


def test_a_target_that_dies_ends_the_load() -> None:
    with faulty(dies_at=20) as port:
        found = loaded(port, native(load={"clients": 3, "messages": 1000}))
    assert found.ended == "closed"
    assert found.void is None
    assert 0 < found.audit.messages < 20
    assert found.unfinished > 0
    assert len(found.closed) == 3


def after(looks: int) -> Callable[[], bool]:
    """Interrupts when it has been asked this often."""
    left = iter(range(looks))
    return lambda: next(left, None) is None


def test_an_interrupted_load_keeps_what_it_has(subtests: pytest.Subtests) -> None:
    loads = {"closed": {"clients": 2}, "open": {"clients": 2, "rate": 100, "duration": 60}}
    with faulty() as port:
        for name, load in loads.items():
            with subtests.test(name):
                found = loaded(port, native(load=load), Watching(interrupted=after(3)))
                assert found.ended == "interrupted"
                assert found.void is None
                assert found.audit.messages > 0


def test_a_setup_that_is_not_answered_is_named() -> None:
    setup = [{"text": "hello", "answer": {"starts": "welcome"}}]
    from lab.load.scenario.run import run
    from tests.load.scenario.sites import site

    with (
        faulty() as port,
        pytest.raises(TargetError, match=r"no answer to setup\[0\] within 0.3 s"),
    ):
        run(native(setup=setup), site(port, timeout_s=SOON), 1)
