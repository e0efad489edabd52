"""What a run of `lab cluster --costs` says of its prediction, in the command and the document."""

from __future__ import annotations

from typing import Any

import pytest

from lab.cluster.prediction import basis, outcome
from tools import nodes as document


def pass_(predicted_us: float, found_us: float, **more: float) -> dict[str, Any]:
    """One pass as `lab cluster --costs` writes it."""
    return {
        "costs": {"said": 100.0, "foreign": 30.0, "concerned": 60.0, "more": 5.0},
        "local_us": 500.0,
        "remote_us": 700.0,
        "read_bytes": 200.0,
        "predicted_us": predicted_us,
        "found_us": found_us,
        "predicted_wasted": 0.6,
        "found_wasted": 0.6,
        **more,
    }


def run(nodes: int, *passes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nodes": nodes, "passes": {"a-library": list(passes)}, **more}


@pytest.mark.parametrize(
    ("predicted", "said"),
    [
        (
            [95, 105, 115],
            "predicted 105 µs, found 100 µs: off by +5% (-5% to +15%), within 15%",
        ),
        (
            [110, 114, 122],
            "predicted 114 µs, found 100 µs: off by +14% (+10% to +22%), "
            "undecided: passes lie on both sides of 15%",
        ),
        ([84, 84, 84], "predicted 84 µs, found 100 µs: off by -16% (-16% to -16%), not within 15%"),
    ],
    ids=["close", "undecided", "too low"],
)
def test_a_prediction_is_close_if_all_passes_agree_on_it(predicted: list[float], said: str) -> None:
    assert str(outcome([pass_(each, 100) for each in predicted])) == said


def test_more_nodes_are_predicted_from_the_fewer_ones_that_were_measured() -> None:
    assert [basis(nodes) for nodes in (2, 4, 8)] == ["2", "2", "2 and 4"]


def test_the_document_says_how_far_off_it_was() -> None:
    said = document.errors(run(8, pass_(95, 100, mixing=1.25)))
    assert "on 8 real nodes, predicted from 2 and 4:" in said
    assert "- `a-library`: predicted 95 µs, found 100 µs: off by -5%" in said
    assert "The predicted share of wasted reads was exact." in said
    assert "has cost 1.25 to 1.25 times the sum of its parts" in said
    assert document.BEFORE not in said


def test_the_document_says_what_an_older_run_lacks_and_that_reads_differ() -> None:
    said = document.errors(run(4, pass_(95, 100, found_wasted=0.57)))
    assert "predicted from 2:" in said
    assert "off by up to 3.0 percentage points" in said
    assert said.endswith(document.BEFORE)


def test_the_document_says_where_it_was_measured() -> None:
    machine = {"machine": {"cpu": "a CPU", "cores": 2}}
    said = document.measured(run(8, pass_(95, 100), date="2026-11-30", environment=machine))
    assert said.startswith(
        "Measured on 2026-11-30 by `lab cluster --nodes 8 --costs costs.json` on a CPU with 2 cores"
    )
    assert said.endswith("as a share of what it costs one with a member: 50% (`a-library`).\n")
    assert document.measured(run(4, pass_(95, 100))).startswith("Measured by `lab cluster")
