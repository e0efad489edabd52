"""One case of the judge: what it is called, which clause it is about, and how it is played."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lab.judge.player import Player
from lab.judge.verdict import Finding

Play = Callable[[Player], Awaitable[Finding]]


@dataclass(frozen=True)
class Case:
    """A case. `group` and `name` together are its id; `clause` is a section or a document."""

    group: str
    name: str
    clause: str
    play: Play

    @property
    def id(self) -> str:
        """The name of the case among all."""
        return f"{self.group}: {self.name}"
