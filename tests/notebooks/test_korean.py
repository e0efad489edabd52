"""The Korean notebooks: the code of the English ones, with a Korean text for each English one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from docs.extension.language import ENGLISH, HANGUL
from tests.notebooks.test_notebooks import FOLDER, NAMES, source
from tools.korean_notebooks import key, linked, make, problems, texts, translated

V4: Any = nbformat.v4
SIZE_BYTES = 1_000_000
"""What all Korean notebooks together may weigh."""


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_translated_and_none_is_old(name: str) -> None:
    assert problems(source(name), texts(FOLDER / f"{name}.ko.md")) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_korean_notebook_is_the_english_one_with_other_texts(name: str) -> None:
    committed = (FOLDER / f"{name}.ko.ipynb").read_text(encoding="utf-8")
    assert committed == make(FOLDER / f"{name}.py"), f"{name}: run `make notebooks`"
    pair = [jupytext.read(FOLDER / f"{name}{end}") for end in (".ipynb", ".ko.ipynb")]
    code, korean = ([c.source for c in book.cells if c.cell_type == "code"] for book in pair)
    assert code == korean


@pytest.mark.parametrize("name", NAMES)
def test_no_english_sentence_is_left(name: str) -> None:
    book = jupytext.read(FOLDER / f"{name}.ko.ipynb")
    shown = [cell.source for cell in book.cells if cell.cell_type == "markdown"]
    for cell in book.cells:
        shown += [
            one.data.get("text/markdown", "") for one in cell.get("outputs", []) if "data" in one
        ]
    blocks = [block for text in shown for block in text.split("\n\n")]
    left = [block for block in blocks if ENGLISH.search(block) and not HANGUL.search(block)]
    assert left == []
    assert HANGUL.search(book.cells[0].source.splitlines()[0])


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ko.ipynb")) < SIZE_BYTES


def test_a_changed_or_new_text_is_found() -> None:
    book = V4.new_notebook(cells=[V4.new_markdown_cell("One *word*.")])
    korean = {key("One *word*."): "한 *낱말*."}
    assert problems(book, korean) == []
    assert translated(book, korean).cells[0].source == "한 *낱말*."
    book.cells[0].source = "Two words."
    missing, old = problems(book, korean)
    assert "Two words." in missing
    assert "한 *낱말*." in old


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.ko.md"
    path.write_text("<!-- 01234567 -->\n\n하나\n\n<!-- 01234567 -->\n\n둘\n", encoding="utf-8")
    with pytest.raises(ValueError, match="comes twice"):
        texts(path)


def test_an_output_that_knows_its_korean_is_shown_in_korean() -> None:
    shown = V4.new_output(
        "execute_result",
        {"text/markdown": "Right.", "text/plain": "Right."},
        metadata={"text/markdown": {"ko": "맞습니다."}},
    )
    book = V4.new_notebook(cells=[V4.new_code_cell("1", outputs=[shown])])
    (output,) = translated(book, {}).cells[0].outputs
    assert output.data == {"text/markdown": "맞습니다.", "text/plain": "맞습니다."}


def test_links_lead_to_the_korean_version_where_there_is_one() -> None:
    text = "[다음](01_handshake.ipynb) [문장](../docs/documents.md#slow) [방](../docs/room.md)"
    expected = (
        "[다음](01_handshake.ko.ipynb) [문장](../docs/documents.ko.md#slow) [방](../docs/room.md)"
    )
    assert linked(text) == expected
