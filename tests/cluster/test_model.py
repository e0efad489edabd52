"""What the model says of placements that can be counted by hand."""

from __future__ import annotations

import pytest

from lab.cluster.model import Costs, Placement, placed

COSTS = Costs(said=100, foreign=10, concerned=50, more=5)


@pytest.mark.parametrize(
    ("room", "wasted", "cpu_us"),
    [
        ((1, 0), 1.0, (100 + 10) / 2),
        ((1, 1), 1 / 2, (100 + 50) / 2),
        ((2, 0), 1.0, (105 + 10) / 2),
        ((1, 2), 1 / 2, (100 + 55 + 2 * (105 + 50)) / 3 / 2),
    ],
    ids=["alone", "one each", "both at one", "one and two"],
)
def test_a_room_on_two_nodes(room: tuple[int, int], wasted: float, cpu_us: float) -> None:
    placement = Placement((room,))
    assert placement.wasted() == pytest.approx(wasted)
    assert placement.cpu_us(COSTS) == pytest.approx(cpu_us)


def test_the_case_of_the_open_report() -> None:
    placement = placed(1000, 10, 100, seed=0)
    assert placement.nodes == 100
    assert all(sum(room) == 10 for room in placement.rooms)
    assert placement.wasted() == pytest.approx(0.914, abs=0.005)


def test_a_seed_gives_one_placement() -> None:
    assert placed(5, 3, 4, seed=1) == placed(5, 3, 4, seed=1) != placed(5, 3, 4, seed=2)
