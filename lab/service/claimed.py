"""A node's place among others, for a server that is another program and has the rooms itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.journal.redis import scripts
from lab.service import ChatService

if TYPE_CHECKING:
    from lab.journal.redis.claim import Claim


class ClaimedChat(ChatService):
    """What `serve` of such a transport is given: its limits, and what joins it to the nodes.

    Its own rooms stay empty: a transport that does not hand the place on serves no node with it.
    """

    def __init__(self, claim: Claim, limits: Limits) -> None:
        super().__init__(Rooms(limits))
        self._claim = claim

    def joining(self) -> Mapping[str, Any]:
        """The place, and the scripts that Redis runs for a node: `Claim` in `backplane.mjs`."""
        return {
            "url": self._claim.url,
            "start": self._claim.start,
            "lease_s": self._claim.lease_s,
            "prefix": scripts.PREFIX,
            "scripts": {
                "append": scripts.APPEND,
                "beat": scripts.BEAT,
                "clear": scripts.CLEAR,
                "leave": scripts.LEAVE,
                "list": scripts.LIST,
                "load": scripts.LOAD,
                "snapshot": scripts.SNAPSHOT,
            },
        }
