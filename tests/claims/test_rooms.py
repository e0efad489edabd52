"""The claim about rooms: what counts as missed, leaked or doubled, and the verdict then."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.chat.limits import Limits
from lab.claims.claim import Verdict
from lab.claims.rooms import ROOMS, ROOMS_EACH, judge, layout, tally, text_for

MEMBERS = layout(12, 3)
Texts = list[list[tuple[str, str]]]


def everything() -> Texts:
    """What each member hears where nothing is lost and nothing leaks."""
    spoken = [(room, text_for(room, n)) for n, rooms in enumerate(MEMBERS) for room in rooms]
    return [[one for one in spoken if one[0] in rooms] for rooms in MEMBERS]


def test_each_room_has_two_members_and_nobody_more_rooms_than_allowed() -> None:
    members = layout(ROOMS, ROOMS_EACH)
    inside = Counter(room for rooms in members for room in rooms)
    assert len(inside) == ROOMS == 1000
    assert set(inside.values()) == {2}
    assert max(map(len, members)) <= Limits().rooms_per_connection
    assert all(len(set(rooms)) == len(rooms) for rooms in members)


def test_where_all_is_well_nothing_is_missed_leaked_or_doubled() -> None:
    count = tally("wire", MEMBERS, everything())
    assert count.due == 12 * 2 * 2
    assert (count.missed, count.leaked, count.doubled) == (0, 0, 0)
    assert count.kept


def test_a_text_that_did_not_come_is_missed() -> None:
    heard = everything()
    heard[0].pop()
    count = tally("wire", MEMBERS, heard)
    assert (count.missed, count.leaked, count.doubled) == (1, 0, 0)
    assert not count.kept


@pytest.mark.parametrize(
    "leak",
    [("room 11", text_for("room 11", 3)), ("room 0", text_for("room 11", 3))],
    ids=["another room's", "under the name of one's own room"],
)
def test_a_text_of_another_room_has_leaked(leak: tuple[str, str]) -> None:
    assert "room 11" not in MEMBERS[0]
    heard = everything()
    heard[0].append(leak)
    count = tally("wire", MEMBERS, heard)
    assert (count.missed, count.leaked, count.doubled) == (0, 1, 0)
    assert not count.kept


def test_a_text_that_came_twice_is_doubled() -> None:
    heard = everything()
    heard[0].append(heard[0][0])
    count = tally("wire", MEMBERS, heard)
    assert (count.missed, count.leaked, count.doubled) == (0, 0, 1)
    assert not count.kept


def test_the_verdict_is_that_of_the_counts() -> None:
    kept = tally("wire", MEMBERS, everything())
    broken = tally("wire", MEMBERS, [[] for _ in MEMBERS])
    assert judge([kept, kept]) is Verdict.HOLDS
    assert judge([kept, broken]) is Verdict.DEPENDS
    assert judge([broken]) is Verdict.DOES_NOT_HOLD
