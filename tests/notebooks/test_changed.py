"""`make notebooks` executes what has changed, and leaves the rest as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.changed_notebooks import NOTEBOOKS, changed

SCRIPTS = sorted(NOTEBOOKS.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_committed_notebook_is_what_its_script_says(script: Path) -> None:
    assert not changed(script)


def test_another_text_or_no_notebook_is_a_change(tmp_path: Path) -> None:
    script = tmp_path / "notebook.py"
    shutil.copy(SCRIPTS[0], script)
    assert changed(script)
    shutil.copy(SCRIPTS[0].with_suffix(".ipynb"), tmp_path / "notebook.ipynb")
    assert not changed(script)
    script.write_text(f"{script.read_text(encoding='utf-8')}\n# %%\n1 + 1\n", encoding="utf-8")
    assert changed(script)
