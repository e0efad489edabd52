"""What documents quote of the committed runs is what those runs say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from lab import record

ROOT = Path(__file__).resolve().parents[2]
generate = runpy.run_path(str(ROOT / "tools" / "generate.py"))
KINDS = ("reference", "tuned", "in-a-browser", "in-node", "one-way", "against-itself", "tls")
COMMITTED = [
    folder
    for kind in (
        "reference",
        "tuned",
        "in-a-browser",
        "in-node",
        "one-way",
        "against-itself",
        "tls",
        "today",
    )
    if (ROOT / "results" / kind).is_dir()
    for folder in sorted((ROOT / "results" / kind).iterdir())
]


@pytest.mark.parametrize("document", generate["DOCUMENTS"], ids=lambda path: path.name)
def test_a_document_s_made_parts_are_current(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    parts = generate["DOCUMENTS"][document]
    assert generate["render"](text, parts) == text, "run: python tools/generate.py"


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_committed_run_is_whole_and_of_a_commit(folder: Path) -> None:
    run = record.load(folder)
    assert run.info.status == "complete"
    assert run.void_passes == []
    assert run.environment["git"]["commit"]
    assert run.environment["git"]["dirty"] is False
