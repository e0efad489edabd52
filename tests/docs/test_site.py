"""The site of the documents: it builds without a warning, in both languages, and works offline."""

from __future__ import annotations

import re
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner
from docutils import nodes
from docutils.utils import new_document

from docs.extension.language import UNTRANSLATED, english_left, korean_file
from docs.extension.links import rewritten
from lab.cli import docs, main

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 280
LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']https?:""")


@pytest.fixture(scope="module", params=["en", "ko"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in one language, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    language = str(request.param)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"),
            *("--conf-dir", "docs", "--define", f"language={language}"),
            *("--doctree-dir", str(folder / "doctrees"), ".", str(folder / language)),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return folder / language


def page(site: Path, name: str) -> str:
    return (site / f"{name}.html").read_text(encoding="utf-8")


def test_a_built_site(site: Path, subtests: pytest.Subtests) -> None:
    names = {path.stem for path in (ROOT / "docs").glob("*.md") if ".ko" not in path.suffixes}
    with subtests.test("every document has a page"):
        assert names <= {path.stem for path in (site / "docs").glob("*.html")}
    with subtests.test("nothing is fetched from elsewhere"):
        pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
        assert [LOADED.search(text) for text in pages] == [None] * len(pages)
        assert "@import" not in "".join(p.read_text() for p in site.rglob("*.css"))
    with subtests.test("it has no program, which would be taken for a module of the package"):
        assert list(site.rglob("*.py")) == []
    with subtests.test("a page leads to itself in the other language"):
        other = "en" if site.name == "ko" else "ko"
        assert f"../../{other}/docs/choose.html" in page(site, "docs/choose")
    with subtests.test("a page that is not translated says so"):
        assert (UNTRANSLATED in page(site, "docs/design")) == (site.name == "ko")
        assert UNTRANSLATED not in page(site, "docs/documents") + page(site, "README")
    with subtests.test("a term leads to its place in the glossary, with its meaning"):
        word = "핸드셰이크" if site.name == "ko" else "handshake"
        link = re.search(
            rf'<a class="[^"]*\bterm\b[^"]*" href="glossary.html#word-handshake" title="[^"]+">'
            rf"{word}",
            page(site, "docs/documents"),
        )
        assert link
        assert 'id="word-handshake"' in page(site, "docs/glossary")
    with subtests.test("the search knows the words"):
        assert "socket" in (site / "searchindex.js").read_text(encoding="utf-8")


def test_a_korean_page_with_an_english_sentence_is_found() -> None:
    document = new_document("page")
    for text in ("전송 방식을 고릅니다.", "This one was not translated yet."):
        document += nodes.paragraph(text, text)
    assert english_left(document) == ["This one was not translated yet."]


def test_a_link_to_a_folder_and_one_to_the_korean_version() -> None:
    text = "[runs](../results) [korean](documents.ko.md#slow) [room](room.md#limits)"
    expected = "runs [korean](documents.md#slow) [room](room.md#limits)"
    assert rewritten(text, "docs/claims", ROOT) == expected


def test_a_page_s_line_that_leads_to_its_other_version_is_left_to_the_site_s_switch() -> None:
    for line in ("*[한국어](faq.ko.md)*", "*[English](faq.md)*"):
        assert rewritten(f"# Title\n\n{line}\n\nText\n", "docs/faq", ROOT) == "# Title\n\nText\n"


def test_a_page_without_a_korean_file_has_none() -> None:
    assert korean_file(ROOT, "docs/design") is None
    assert korean_file(ROOT, "docs/documents") == ROOT / "docs" / "documents.ko.md"


def test_lab_docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(docs, "SITE", tmp_path)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    missing = CliRunner().invoke(main, ["docs"])
    assert (missing.exit_code, opened) == (1, [])
    assert "make docs" in missing.output
    index = tmp_path / "ko" / "docs" / "index.html"
    index.parent.mkdir(parents=True)
    index.write_text("")
    assert CliRunner().invoke(main, ["docs", "--lang", "ko", "--no-open"]).exit_code == 0
    assert opened == []
    assert CliRunner().invoke(main, ["docs", "--lang", "ko"]).output == f"{index.as_uri()}\n"
    assert opened == [index.as_uri()]
