"""The rooms of transports whose library has none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lab.chat.effects import Member
from transports._shared.membership import Membership

MEMBERS = [Member(number) for number in range(4)]
ROOMS = ["den", "hall", ""]

members = st.sampled_from(MEMBERS)
rooms = st.sampled_from(ROOMS)


def attached() -> Membership[str]:
    membership = Membership[str]()
    membership.connections.update({member: f"connection {member}" for member in MEMBERS})
    return membership


class Rooms(RuleBasedStateMachine):
    """Compare with a set of pairs. As in the service, a member enters and leaves once."""

    def __init__(self) -> None:
        super().__init__()
        self.membership = attached()
        self.inside: set[tuple[Member, str]] = set()

    @rule(member=members, room=rooms)
    def enter_or_exit(self, member: Member, room: str) -> None:
        if (member, room) in self.inside:
            self.membership.exit(member, room)
        else:
            self.membership.enter(member, room)
        self.inside ^= {(member, room)}

    @invariant()
    def everybody_hears_what_they_should(self) -> None:
        for room in ROOMS:
            here = {member for member, inside in self.inside if inside == room}
            for skip in (None, *MEMBERS):
                heard = list(self.membership.others(room, skip))
                assert len(heard) == len(set(heard))
                assert set(heard) == {f"connection {member}" for member in here - {skip}}


TestRooms = Rooms.TestCase


def test_an_empty_room_is_removed_and_may_be_entered_again() -> None:
    membership = attached()
    for _ in range(2):
        membership.enter(MEMBERS[0], "den")
        assert list(membership.others("den", None)) == ["connection 0"]
        membership.exit(MEMBERS[0], "den")
        assert list(membership.others("den", None)) == []
        with pytest.raises(KeyError):
            membership.exit(MEMBERS[0], "den")


def test_a_member_without_a_connection_cannot_enter() -> None:
    with pytest.raises(KeyError):
        Membership[str]().enter(MEMBERS[0], "den")


def test_the_other_members_are_found_lazily() -> None:
    membership = attached()
    for member in MEMBERS:
        membership.enter(member, "den")
    others: Iterator[str] = membership.others("den", MEMBERS[1])
    assert next(others) == "connection 0"
    assert list(others) == ["connection 2", "connection 3"]
