"""Each cause, injected for real on a transport of each kind, is recognised."""

from __future__ import annotations

import pytest

from lab.contract import Capability, Transport
from lab.interop.node import node_unavailable
from lab.why import table
from lab.why.inject import PLANS, observe
from tests.interop.conftest import needs
from transports import registry

KINDS = {
    "frames": {Capability.NATIVE_FRAMES},
    "polls": {Capability.DEFAULT_PARSER, Capability.HTTP_SESSION},
}

TRIES = 3
"""A fault may fall between a heartbeat and its answer, where it looks like another cause."""


def first(needed: set[Capability]) -> Transport:
    """The first transport of the registry that has these capabilities."""
    loaded = map(registry.load, table.transports())
    return next(each for each in loaded if needed <= each.capabilities)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cause", PLANS)
async def test_an_injected_cause_is_recognised(cause: str, kind: str) -> None:
    transport = first(KINDS[kind])
    lacks = not PLANS[cause].needs <= transport.capabilities
    for _ in range(TRIES):
        found = table.row(transport.name, "", cause, await observe(transport, cause))
        assert bool(found.without) == lacks
        if lacks or cause in [each.cause for each in found.ranked[:3]]:
            break
    else:
        pytest.fail(f"not recognised in {TRIES} tries; the last: {found}")
    assert lacks or found.client is not None or found.server is not None


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_in_node_sees_it_too(kind: str) -> None:
    needs(node_unavailable())
    transport = first(KINDS[kind])
    seen = await observe(transport, "peer-killed", in_node=True)
    assert not isinstance(seen, str)
    assert seen.client is not None
    assert any(word in seen.client for word in ("close code 1006", "transport", "xhr poll error"))
    seen = await observe(transport, "forbidden-origin", in_node=True)
    assert not isinstance(seen, str)
    assert seen.client is not None
    assert "403" in seen.client or "error" in seen.client
