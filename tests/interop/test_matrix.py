"""The whole matrix, once, against what is expected of it."""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import Capability, Transport
from lab.interop.clients import CLIENTS
from lab.interop.matrix import Pairing, pairings, run
from lab.interop.outcome import Aim, Cell, State
from tests.conformance.guest import PATIENCE_S
from tests.interop.conftest import needs
from tests.interop.expectations import rule_for
from transports import registry

LOADED = [registry.load(name) for name in registry.available()]
PAIRINGS = pairings(LOADED, CLIENTS.values())

Key = tuple[str, str, Aim]


def key(pairing: Pairing) -> Key:
    return pairing.wire.name, pairing.client.name, pairing.aim


def may_hang(pairing: Pairing) -> bool:
    """Whether silence is among the expected outcomes: then there is no use in long patience."""
    rule = rule_for(pairing.client.name, pairing.aim, pairing.wire.capabilities)
    return State.SILENT in rule.states


def heard(cell: Cell) -> bytes:
    """All that the server has sent."""
    assert cell.tape is not None
    return b"".join(chunk.data for chunk in cell.tape.chunks if chunk.direction == "down")


@pytest.fixture(scope="session")
def cells() -> dict[Key, Cell]:
    """Everybody at every door; an answer that is due may take as long as a loaded machine takes."""
    hanging = [pairing for pairing in PAIRINGS if may_hang(pairing)]
    others = [pairing for pairing in PAIRINGS if not may_hang(pairing)]

    async def both() -> list[Cell]:
        answered = await run(others, patience_s=PATIENCE_S)
        return [*answered.cells, *(await run(hanging)).cells]

    return {(cell.wire, cell.client, cell.aim): cell for cell in asyncio.run(both())}


@pytest.mark.parametrize("pairing", PAIRINGS, ids=lambda pairing: "-".join(key(pairing)))
def test_a_client_comes_as_far_as_the_wire_can_take_it(
    cells: dict[Key, Cell], pairing: Pairing
) -> None:
    needs(pairing.client.unavailable())
    cell = cells[key(pairing)]
    rule = rule_for(pairing.client.name, pairing.aim, pairing.wire.capabilities)
    assert cell.state in rule.states, cell
    if rule.status is not None:
        assert b"HTTP/1.1 %d " % rule.status in heard(cell)


@pytest.mark.parametrize("wire", LOADED, ids=lambda wire: str(wire.name))
def test_every_refusal_has_its_words_and_every_visit_its_bytes(
    cells: dict[Key, Cell], wire: Transport
) -> None:
    mine = [cell for cell in cells.values() if cell.wire == wire.name]
    for cell in mine:
        if cell.state is State.REFUSED:
            assert cell.report.said, cell
            assert cell.report.ended_ms is not None
        if cell.state is not State.NOT_TESTED:
            assert cell.tape is not None
            assert cell.tape.counted.up_bytes > 0
    assert bool(mine) == (wire.capabilities >= {Capability.ROOM, Capability.SOCKET})
