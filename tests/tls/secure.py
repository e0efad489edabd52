"""A transport that exists only over TLS, and `lab` with it in the registry.

python -m tests.tls.secure serve secure
"""

from __future__ import annotations

import pytest

from lab.cli import main
from lab.contract import Capability
from transports import registry
from transports.websocket import WebSocket

NAME = "secure"
WHERE = "tests.tls.secure:Secure"


class Secure(WebSocket):
    """The transport `websocket`, which is never served without TLS."""

    name = NAME
    capabilities = WebSocket.capabilities - {Capability.HTTP_1, Capability.WEBSOCKET} | {
        Capability.TLS_ALWAYS
    }


def register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put it into the registry for one test."""
    monkeypatch.setitem(registry.TRANSPORTS, NAME, WHERE)


if __name__ == "__main__":
    registry.TRANSPORTS[NAME] = WHERE
    main()
