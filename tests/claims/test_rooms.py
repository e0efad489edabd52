"""The claim `rooms`: what counts as missed, leaked or doubled, and the verdict on it."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.chat.limits import Limits
from lab.claims._support.claim import Verdict
from lab.claims.rooms import ROOMS, ROOMS_EACH, judge, layout, tally, text_for

MEMBERS = layout(12, 3)
Texts = list[list[tuple[str, str]]]


def everything() -> Texts:
    """What each member receives where nothing is lost and nothing leaks."""
    spoken = [(room, text_for(room, n)) for n, rooms in enumerate(MEMBERS) for room in rooms]
    return [[one for one in spoken if one[0] in rooms] for rooms in MEMBERS]


def test_each_room_has_two_members_and_no_member_exceeds_the_limit_of_rooms() -> None:
    members = layout(ROOMS, ROOMS_EACH)
    inside = Counter(room for rooms in members for room in rooms)
    assert len(inside) == ROOMS == 1000
    assert set(inside.values()) == {2}
    assert max(map(len, members)) <= Limits().rooms_per_connection
    assert all(len(set(rooms)) == len(rooms) for rooms in members)


def test_complete_deliveries_are_neither_missed_leaked_nor_doubled() -> None:
    count = tally("transport", MEMBERS, everything())
    assert count.due == 12 * 2 * 2
    assert (count.missed, count.leaked, count.doubled) == (0, 0, 0)
    assert count.kept


def test_a_text_that_did_not_arrive_is_missed() -> None:
    heard = everything()
    heard[0].pop()
    count = tally("transport", MEMBERS, heard)
    assert (count.missed, count.leaked, count.doubled) == (1, 0, 0)
    assert not count.kept


@pytest.mark.parametrize(
    "leak",
    [("room 11", text_for("room 11", 3)), ("room 0", text_for("room 11", 3))],
    ids=["another room's", "under the name of an own room"],
)
def test_a_text_of_another_room_is_leaked(leak: tuple[str, str]) -> None:
    assert "room 11" not in MEMBERS[0]
    heard = everything()
    heard[0].append(leak)
    count = tally("transport", MEMBERS, heard)
    assert (count.missed, count.leaked, count.doubled) == (0, 1, 0)
    assert not count.kept


def test_a_text_that_arrived_twice_is_doubled() -> None:
    heard = everything()
    heard[0].append(heard[0][0])
    count = tally("transport", MEMBERS, heard)
    assert (count.missed, count.leaked, count.doubled) == (0, 0, 1)
    assert not count.kept


def test_the_verdict_follows_from_the_counts() -> None:
    kept = tally("transport", MEMBERS, everything())
    broken = tally("transport", MEMBERS, [[] for _ in MEMBERS])
    assert judge([kept, kept]) is Verdict.HOLDS
    assert judge([kept, broken]) is Verdict.DEPENDS
    assert judge([broken]) is Verdict.DOES_NOT_HOLD
