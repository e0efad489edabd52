"""The tuned wires with the reference stack's clients: `ws` and socket.io-client, in Node."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab.interop.node import node_unavailable, run_node
from tests.conformance.guest import PATIENCE_S
from tests.conformance.stage import stage
from transports import registry
from transports._socketio import SocketioWire

SCRIPT = Path(__file__).parent / "tuned_client.mjs"
TEXTS = ["", "hello", 'é☕👋 \u2028 \\ " </script> \0', "x" * 60_000]


@pytest.mark.parametrize("name", registry.TUNED)
async def test_a_client_in_node_joins_speaks_and_hears(name: str) -> None:
    if (reason := node_unavailable()) is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    wire = registry.load(name)
    transports = list(wire.transports) if isinstance(wire, SocketioWire) else []
    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        result = await run_node(
            SCRIPT,
            s.server.address.url,
            json.dumps(transports),
            json.dumps(TEXTS),
            timeout_s=PATIENCE_S,
        )
        (saw,) = result.lines
        assert saw["heard"] == TEXTS
        assert saw["replies"] == ["joined", *["said"] * len(TEXTS), "refused"]
        assert saw["transport"] == (transports[-1] if transports else "native")
        assert await ann.sees_departed("nora") == "closed"
        assert [message.text for message in ann.messages] == TEXTS
        await s.holds(1)
