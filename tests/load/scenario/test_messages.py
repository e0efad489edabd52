"""The account of messages: what is complete, and who received what how often."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from lab.load.scenario.messages import Messages, Scope, first_id
from lab.scenario import Scenario
from lab.scenario.placeholders import FIRST_ID, ID_DIGITS


def scope(to: str | None, clients: int = 4, rooms: int = 2) -> Scope:
    tables = {
        "name": "a",
        "connect": {"transport": "websocket"},
        "send": {"text": "{id}"},
        "load": {"clients": clients, "rooms": rooms},
        **({"broadcast": {"to": to}} if to else {"answer": "echo"}),
    }
    return Scope(msgspec.convert(tables, Scenario))


@pytest.mark.parametrize(
    ("to", "sizes", "reached"),
    [
        (None, [0, 0, 0], [[], [], [], [], []]),
        ("everybody", [5, 5, 5], [[0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2]]),
        ("others", [4, 4, 4], [[1, 2], [0, 2], [0, 1], [0, 1, 2], [0, 1, 2]]),
        ("room", [3, 2, 3], [[0, 2], [1], [0, 2], [1], [0, 2]]),
        ("room-others", [2, 1, 2], [[2], [], [0], [1], [0, 2]]),
    ],
)
def test_who_gets_a_message(to: str | None, sizes: list[int], reached: list[list[int]]) -> None:
    found, senders = scope(to, clients=5), np.arange(3)
    assert [found.size(sender) for sender in range(3)] == sizes
    for client, wanted in enumerate(reached):
        assert np.flatnonzero(found.reaches(client, senders)).tolist() == wanted


def test_a_message_is_complete_when_it_is_answered_and_delivered() -> None:
    done: list[int] = []
    messages = Messages(scope("everybody"), answered=True, base=FIRST_ID)
    messages.on_complete = done.append
    first, second = (messages.send(sender, 5, 6) for sender in (0, 1))
    assert (messages.oldest(), messages.oldest_ns()) == (0, 6)
    for ns in range(4):
        messages.delivered(messages.deliver([second, first]), 10 + ns)
    assert done == []
    messages.answer(second, 20)
    assert (done, messages.oldest()) == ([1], 0)
    messages.answer(first, 21)
    assert (done, messages.oldest(), messages.oldest_ns()) == ([1, 0], None, None)
    assert messages.delivered_ns == [13, 13]
    assert messages.answered_ns == [21, 20]


def test_the_audit_finds_what_the_counts_hide() -> None:
    """One client gets a message twice, another one never: the number of copies is right."""
    messages = Messages(scope("others", clients=3), answered=True, base=FIRST_ID)
    first, second, third = (messages.send(0, 0, 0) for _ in range(3))
    unknown = b"%d" % (FIRST_ID + 3)
    for tags in ([first, first], [second], [third], [third], [third]):
        messages.delivered(messages.deliver(tags), 1)
    messages.answer(first, 1)
    messages.answer(first, 1)
    messages.answer(unknown, 1)
    assert messages.number(unknown) is None
    assert not messages.pending.keys() - {1, 2}
    logs = [third, first + first + second + third + unknown, third]
    audit = messages.audit(logs, np.array([True, True, True]))
    assert (audit.messages, audit.expected, audit.delivered) == (3, 6, 4)
    assert (audit.lost, audit.doubled, audit.stray) == (2, 1, 1)
    assert (audit.answers_lost, audit.answers_doubled) == (2, 1)
    last = messages.audit(logs, np.array([False, False, True]))
    assert (last.messages, last.expected, last.lost, last.doubled, last.stray) == (1, 2, 0, 0, 1)


def test_ids_have_their_digits_for_every_seed() -> None:
    for seed in (0, 1, 2**31, 2**32 - 1):
        base = first_id(seed)
        assert len(str(base)) == ID_DIGITS
        assert base - FIRST_ID < 9 * FIRST_ID // 2
