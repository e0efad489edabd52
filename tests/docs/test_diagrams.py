"""A Mermaid diagram is readable on the site: a row for each arrow."""

from __future__ import annotations

import pytest

from docs.extension.diagrams import rewritten, table
from lab.chat.rooms import state_diagram
from tests.docs.pages import documents, text

FLOW = """flowchart LR
    a["the page"]
    subgraph process["one process"]
        b["a relay"]
    end
    a -- "ws://x" --> b --> c
    a -. shapes .-> b
    b -.-> c
"""


def test_each_arrow_of_a_flowchart_is_a_row() -> None:
    assert table(FLOW, "en").splitlines()[2:] == [
        "| the page | a relay | ws://x |",
        "| a relay | c |  |",
        "| the page | a relay | shapes |",
        "| a relay | c |  |",
    ]


def test_each_transition_of_the_room_is_a_row() -> None:
    rows = table(state_diagram(), "ko").splitlines()
    assert rows[0] == "| 어디에서 | 어디로 | 무엇 |"
    assert "| outside | inside | join / joined + arrived |" in rows
    assert "| ● | outside |  |" in rows
    assert len(rows) == 2 + state_diagram().count("-->")


def test_a_line_that_can_t_be_shown_fails_the_build() -> None:
    with pytest.raises(ValueError, match="click a"):
        table("flowchart LR\n    click a\n", "en")


def test_no_document_has_a_diagram_that_can_t_be_shown() -> None:
    drawn = [path for path in documents() if "```mermaid" in text(path)]
    assert len(drawn) >= 3
    for path in drawn:
        assert "mermaid" not in rewritten(text(path), "en").replace("`mermaid`", "")
