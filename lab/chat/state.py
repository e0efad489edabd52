"""The state of the rooms as plain values: what a snapshot holds besides the logs."""

from __future__ import annotations

__pure__ = True

import msgspec


class RoomState(msgspec.Struct, frozen=True, array_like=True):
    """One life of a room. `members`: each with its name, in the order of arrival."""

    name: str
    epoch: str
    seq: int
    members: list[tuple[int, str]]


class State(msgspec.Struct, frozen=True, array_like=True):
    """All rooms.

    `lives`: how many lives have begun. `empty`: the rooms without members, longest empty first.
    `inside`: the rooms of each member, in the order in which it joined them.
    """

    lives: int
    rooms: list[RoomState]
    empty: list[str]
    inside: list[tuple[int, list[str]]]
