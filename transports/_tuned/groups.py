"""Keep who is in which room, as groups whose members are sent the same bytes."""

from __future__ import annotations

from transports._tuned.reactor import Group, Outbox, Reactor


class Groups:
    """The rooms of one server that have members."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._groups: dict[str, Group] = {}

    def __contains__(self, room: str) -> bool:
        """Whether the room has members."""
        return room in self._groups

    def enter(self, room: str, box: Outbox) -> None:
        """Add a member to `room`."""
        if room not in self._groups:
            self._groups[room] = Group()
        self._reactor.join(self._groups[room], box)

    def exit(self, room: str, box: Outbox) -> None:
        """Remove a member from `room`."""
        group = self._groups[room]
        self._reactor.leave(group, box)
        if not group.members:
            del self._groups[room]

    def send(self, room: str, data: bytes, skip: Outbox | None = None) -> None:
        """Send to all members of `room` except `skip`."""
        group = self._groups.get(room)
        if group is not None:
            self._reactor.put_group(group, data, skip)
