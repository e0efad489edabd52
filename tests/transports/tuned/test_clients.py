"""The tuned transports with the reference stack's clients: `ws` and socket.io-client, in Node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.interop.node import node_unavailable, run_node
from tests.conformance.client import PATIENCE_S
from tests.conformance.served import served
from tests.interop.conftest import needs
from transports import registry
from transports._socketio.transport import SocketioClientTransport

SCRIPT = Path(__file__).parent / "client.mjs"
TEXTS = ["", "hello", 'é☕👋 \u2028 \\ " </script> \0', "x" * 60_000]


@pytest.mark.parametrize("name", registry.TUNED)
async def test_a_node_client_joins_speaks_and_receives(name: str) -> None:
    needs(node_unavailable())
    transport = registry.load(name)
    transports = (
        list(transport.transports) if isinstance(transport, SocketioClientTransport) else []
    )
    async with served(transport) as s:
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
