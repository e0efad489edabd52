"""What learners are told of WebSocket and Socket.IO, put to the test: one file per claim."""

from __future__ import annotations

import importlib

from lab.claims.claim import Claim

CLAIMS: dict[str, str] = {
    "realtime-events": "lab.claims.realtime_events",
    "no-library": "lab.claims.no_library",
    "many-transports": "lab.claims.many_transports",
    "convenient": "lab.claims.convenient",
    "rooms": "lab.claims.rooms",
    "never-across": "lab.claims.never_across",
    "fixed-partner": "lab.claims.fixed_partner",
    "handshake": "lab.claims.handshake",
    "fast-lines": "lab.claims.fast_lines",
    "built-apart": "lab.claims.built_apart",
    "falls-back": "lab.claims.falls_back",
    "polling-loses-nothing": "lab.claims.polling_loses_nothing",
    "guaranteed-delivery": "lab.claims.guaranteed_delivery",
    "slow": "lab.claims.slow",
}
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
