"""The whole matrix, compared with the expectations."""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import Capability, Transport
from lab.interop.clients import CLIENTS
from lab.interop.matrix import Pairing, pairings, run
from lab.interop.outcome import Aim, Cell, State
from tests.conformance.client import PATIENCE_S
from tests.interop.conftest import needs
from tests.interop.expectations import rule_for
from transports import registry

LOADED = [registry.load(name) for name in registry.available()]
PAIRINGS = pairings(LOADED, CLIENTS.values())

Key = tuple[str, str, Aim]


def key(pairing: Pairing) -> Key:
    return pairing.transport.name, pairing.client.name, pairing.aim


def may_hang(pairing: Pairing) -> bool:
    """Whether silence is an expected result: then a long time limit is useless."""
    rule = rule_for(pairing.client.name, pairing.aim, pairing.transport.capabilities)
    return State.SILENT in rule.states


def heard(cell: Cell) -> bytes:
    """All bytes that the server has sent."""
    assert cell.capture is not None
    return b"".join(chunk.data for chunk in cell.capture.chunks if chunk.direction == "down")


@pytest.fixture(scope="session")
def cells() -> dict[Key, Cell]:
    """Run every client at every server; an expected answer may be late on a busy machine."""
    hanging = [pairing for pairing in PAIRINGS if may_hang(pairing)]
    others = [pairing for pairing in PAIRINGS if not may_hang(pairing)]

    async def both() -> list[Cell]:
        answered = await run(others, patience_s=PATIENCE_S)
        return [*answered.cells, *(await run(hanging)).cells]

    return {(cell.transport, cell.client, cell.aim): cell for cell in asyncio.run(both())}


@pytest.mark.parametrize("pairing", PAIRINGS, ids=lambda pairing: "-".join(key(pairing)))
def test_a_client_gets_as_far_as_the_transport_allows(
    cells: dict[Key, Cell], pairing: Pairing
) -> None:
    needs(pairing.client.unavailable())
    cell = cells[key(pairing)]
    rule = rule_for(pairing.client.name, pairing.aim, pairing.transport.capabilities)
    assert cell.state in rule.states, cell
    if rule.status is not None:
        assert b"HTTP/1.1 %d " % rule.status in heard(cell)


@pytest.mark.parametrize("transport", LOADED, ids=lambda transport: str(transport.name))
def test_every_refusal_has_a_message_and_every_attempt_its_bytes(
    cells: dict[Key, Cell], transport: Transport
) -> None:
    mine = [cell for cell in cells.values() if cell.transport == transport.name]
    for cell in mine:
        if cell.state is State.REFUSED:
            assert cell.report.said, cell
            assert cell.report.ended_ms is not None
        if cell.state is not State.NOT_TESTED:
            assert cell.capture is not None
            assert cell.capture.counted.up_bytes > 0
    assert bool(mine) == (transport.capabilities >= {Capability.ROOM, Capability.HTTP_1})
