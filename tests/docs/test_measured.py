"""What documents quote of the committed runs is what those runs say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from lab import record

ROOT = Path(__file__).resolve().parents[2]
generate = runpy.run_path(str(ROOT / "tools" / "generate.py"))
BEGUN = re.compile(r"^<!-- begin (.+) -->$", re.MULTILINE)
KINDS = (
    "reference",
    "tuned",
    "in-a-browser",
    "in-node",
    "one-way",
    "against-itself",
    "tls",
    "today",
    "msgpack",
    "nodes",
)
COMMITTED = [
    folder
    for kind in KINDS
    for folder in sorted((ROOT / "results" / kind).iterdir())
    if folder.is_dir()
]


@pytest.mark.parametrize("document", generate["DOCUMENTS"], ids=lambda path: path.name)
def test_a_document_s_made_parts_are_current(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    parts = generate["DOCUMENTS"][document]
    assert generate["render"](text, parts) == text, "run: python tools/generate.py"


def test_each_made_part_has_what_makes_it() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    begun = {
        document: set(BEGUN.findall(document.read_text(encoding="utf-8"))) for document in documents
    }
    made = {document: set(parts) for document, parts in generate["DOCUMENTS"].items()}
    made[ROOT / "docs" / "handshake-errors.md"] = {"findings"}  # by `lab handshake-errors`
    assert {document: parts for document, parts in begun.items() if parts} == made


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_committed_run_is_whole_and_of_a_commit(folder: Path) -> None:
    run = record.load(folder)
    assert run.info.status == "complete"
    assert run.void_passes == []
    assert run.environment["git"]["commit"]
    assert run.environment["git"]["dirty"] is False
