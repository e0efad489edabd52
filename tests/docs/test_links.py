"""Every link in every document and notebook leads to a file, and its anchor to a place in it.

And every document begins with its title.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import COMMENT, ROOT, anchors, documents, links, slug, text


def broken(path: Path, markdown: str) -> list[str]:
    """The links of a document that lead nowhere inside the project."""
    return [target for target in links(markdown) if not _leads(path, target)]


def _leads(path: Path, target: str) -> bool:
    if "://" in target or target.startswith("mailto:"):
        return True
    name, _, anchor = target.partition("#")
    page = (path.parent / name).resolve() if name else path
    if not page.exists() or not page.is_relative_to(ROOT):
        return False
    return not anchor or page.suffix not in (".md", ".ipynb") or anchor in anchors(page)


def test_every_link_leads_somewhere(subtests: pytest.Subtests) -> None:
    assert len(documents()) > 30
    for path in documents():
        with subtests.test(str(path.relative_to(ROOT))):
            assert broken(path, text(path)) == []


def test_every_document_begins_with_its_title(subtests: pytest.Subtests) -> None:
    for path in documents():
        with subtests.test(str(path.relative_to(ROOT))):
            assert COMMENT.sub("", text(path)).lstrip().startswith("#")


def test_a_broken_link_is_found() -> None:
    markdown = (
        "[a](room.md) [b](room.md#limits) [c](rooms.md) [d](room.md#no-such) ![e](no.png)\n"
        "```\n[f](in-code.md)\n```\n`[g](in-code.md)` [h](https://example.org/) [i](#limits)\n"
        "[j]: nowhere.md\n"
    )
    found = broken(ROOT / "docs" / "room.md", markdown)
    assert found == ["rooms.md", "room.md#no-such", "no.png", "nowhere.md"]


def test_the_anchor_of_a_heading_is_github_s() -> None:
    assert slug("What does `my server` speak?") == "what-does-my-server-speak"
    assert slug("[Bytes](x.md): A/A") == "bytes-aa"
    assert slug("전송 방식") == "전송-방식"
