"""What learners are told of WebSocket and Socket.IO, put to the test: one file per claim."""

from __future__ import annotations

import importlib

from lab.claims.claim import Claim

CLAIMS: dict[str, str] = {}
"""Claim name -> its module, in the order in which they are told."""


class UnknownClaimError(LookupError):
    """There is no claim of that name; the message lists those that there are."""


def load(name: str) -> Claim:
    """The claim called `name`; its module is imported only now.

    Raises:
        UnknownClaimError: no such claim.
    """
    if name not in CLAIMS:
        raise UnknownClaimError(f"no claim {name!r}; there are {', '.join(CLAIMS)}")
    claim: Claim = importlib.import_module(CLAIMS[name]).CLAIM
    return claim
