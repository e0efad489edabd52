"""Whose hosts may be used, and how much may be sent to them."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable

import msgspec

from lab.target.errors import TargetError
from lab.target.target import host_name

MOST_CLIENTS = 100
MOST_MESSAGES_PER_S = 200.0


class Bounds(msgspec.Struct, frozen=True):
    """How much may be sent to a target. None: as much as it takes."""

    clients: int | None = None
    messages_per_s: float | None = None

    def check(self, clients: int, messages_per_s: float | None) -> None:
        """Refuse a load beyond the bounds. `messages_per_s` None: as fast as the target answers.

        Raises:
            TargetError: says which bound, and which option raises it.
        """
        if self.clients is not None and clients > self.clients:
            raise TargetError(
                f"{clients} clients are more than the {self.clients} that are allowed",
                f"if the server's owner agrees, add --most-clients {clients}",
            )
        if self.messages_per_s is None:
            return
        if messages_per_s is None or messages_per_s > self.messages_per_s:
            rate = "an unbounded rate" if messages_per_s is None else f"{messages_per_s:g}/s"
            raise TargetError(
                f"{rate} is more than the {self.messages_per_s:g} messages a second allowed",
                "if the server's owner agrees, add --most-messages RATE",
            )


class Permission(msgspec.Struct, frozen=True):
    """What the user allows: hosts that are theirs, and bounds of their own (None: the default)."""

    owned: frozenset[str] = frozenset()
    clients: int | None = None
    messages_per_s: float | None = None

    @classmethod
    def owning(cls, hosts: Iterable[str]) -> Permission:
        """Permission for hosts as a user writes them. Raises TargetError where one is no host."""
        return cls(frozenset(map(host_name, hosts)))

    def bounds(self, foreign: bool) -> Bounds:
        """The bounds for a target on this machine, or for a foreign one."""
        if not foreign:
            return Bounds(self.clients, self.messages_per_s)
        return Bounds(
            MOST_CLIENTS if self.clients is None else self.clients,
            MOST_MESSAGES_PER_S if self.messages_per_s is None else self.messages_per_s,
        )
