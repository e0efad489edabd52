"""Claims that learners hear about WebSocket and Socket.IO, each with its experiment."""

from __future__ import annotations

import importlib

from lab.claims._support.claim import Claim

CLAIMS: dict[str, str] = {
    "realtime-events": "lab.claims.realtime_events",
    "server-and-client": "lab.claims.server_and_client",
    "html5-standard": "lab.claims.html5_standard",
    "browser-and-server": "lab.claims.browser_and_server",
    "no-library": "lab.claims.no_library",
    "many-transports": "lab.claims.many_transports",
    "convenient": "lab.claims.convenient",
    "rooms": "lab.claims.rooms",
    "never-across": "lab.claims.never_across",
    "fixed-partner": "lab.claims.fixed_partner",
    "handshake": "lab.claims.handshake",
    "wrong-types": "lab.claims.wrong_types",
    "client-checks": "lab.claims.client_checks",
    "fast-lines": "lab.claims.fast_lines",
    "shared-line": "lab.claims.shared_line",
    "client-first": "lab.claims.client_first",
    "built-apart": "lab.claims.built_apart",
    "falls-back": "lab.claims.falls_back",
    "polling-loses-nothing": "lab.claims.polling_loses_nothing",
    "guaranteed-delivery": "lab.claims.guaranteed_delivery",
    "recovers-missed": "lab.claims.recovers_missed",
    "tls-doubles": "lab.claims.tls_doubles",
    "compression-is-free": "lab.claims.compression_is_free",
    "sticky-sessions": "lab.claims.sticky_sessions",
    "redis-adapter-linear": "lab.claims.redis_adapter_linear",
    "polling-survives": "lab.claims.polling_survives",
    "one-lost-packet": "lab.claims.one_lost_packet",
    "address-change": "lab.claims.address_change",
    "six-connections": "lab.claims.six_connections",
    "webtransport-faster": "lab.claims.webtransport_faster",
    "slow": "lab.claims.slow",
}
"""Claim name -> its module, in the order in which `lab claims` shows them."""


class UnknownClaimError(LookupError):
    """No claim has this name; the message lists the names that exist."""


def load(name: str) -> Claim:
    """Return the claim called `name`; import its module only now.

    Raises:
        UnknownClaimError: no such claim.
    """
    if name not in CLAIMS:
        raise UnknownClaimError(f"no claim {name!r}; choose from {', '.join(CLAIMS)}")
    claim: Claim = importlib.import_module(CLAIMS[name]).CLAIM
    return claim
