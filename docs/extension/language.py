"""Two languages: a Korean page comes from a file of its own, `X.ko.md` or `X.ko.ipynb`.

A page that has none says so at its top, in the Korean site. A Korean page has the same headings as
the English one, so a link to a heading leads to the same place in both.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_parser.slugs import github_slugify, unique_slug
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.nodes import extract_messages

HANGUL = re.compile(r"[가-힣]")
ENGLISH = re.compile(r"(?:\b[A-Za-z][a-z']+ ){3,}[a-z']{2,}\b")
"""Four words in a row: names, units and code are shorter."""
FENCED = re.compile(r"^(```+).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,4} +(.+?) *$", re.MULTILINE)
UNTRANSLATED = "이 문서는 아직 한국어로 번역되지 않아 영어 원문을 보여 드립니다."
LOG = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Take Korean versions, and look at what was made of them."""
    app.connect("source-read", _take_korean, priority=100)
    app.connect("doctree-read", _name_headings)
    app.connect("doctree-resolved", _look)
    app.connect("html-page-context", _switch)


def korean_file(root: Path, docname: str) -> Path | None:
    """Return the file with the Korean version of a page; None if there is none.

    A notebook's `X.ko.md` has the texts of which `X.ko.ipynb` is made.
    """
    found = [root / f"{docname}.ko{end}" for end in (".ipynb", ".md")]
    return next((path for path in found if path.is_file()), None)


def _take_korean(app: Sphinx, docname: str, source: list[str]) -> None:
    path = korean_file(Path(app.srcdir), docname) if app.config.language == "ko" else None
    if path is not None:
        source[0] = path.read_text(encoding="utf-8")
        app.env.note_dependency(path, docname=docname)


def _name_headings(app: Sphinx, _: nodes.document) -> None:
    """Let a link with the anchor of an English heading lead to the Korean one in its place."""
    docname = app.env.docname
    english = Path(app.srcdir) / f"{docname}.md"
    if app.config.language != "ko" or not english.is_file():
        return
    if korean_file(Path(app.srcdir), docname) is None:
        return
    slugs = app.env.metadata[docname]["myst_slugs"]
    anchors = heading_anchors(english.read_text(encoding="utf-8"))
    if len(anchors) != len(slugs):
        LOG.warning(
            "%d headings, but the English page has %d", len(slugs), len(anchors), location=docname
        )
    for anchor, place in zip(anchors, list(slugs.values()), strict=False):
        slugs.setdefault(anchor, place)


def heading_anchors(markdown: str) -> list[str]:
    """The anchors of a page's headings, in order."""
    found: dict[str, None] = {}
    for heading in HEADING.findall(FENCED.sub("", markdown)):
        found[unique_slug(github_slugify(re.sub(r"[`*]", "", heading)), found)] = None
    return list(found)


def _look(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.config.language != "ko":
        return
    if korean_file(Path(app.srcdir), docname) is None:
        doctree.insert(0, nodes.admonition("", nodes.paragraph("", UNTRANSLATED)))
        return
    for text in english_left(doctree):
        LOG.warning("English in a Korean page: %s", text, location=docname)


def english_left(doctree: nodes.document) -> list[str]:
    """Return each text of a page that has an English sentence and no Korean."""
    plain = [_without_code(node) for node, _ in extract_messages(doctree)]
    return [text for text in plain if ENGLISH.search(text) and not HANGUL.search(text)]


def _without_code(node: nodes.Element) -> str:
    if isinstance(node, nodes.FixedTextElement):
        return ""
    copy = node.deepcopy()
    for code in list(copy.findall(nodes.literal)):
        code.parent.remove(code)
    return str(copy.astext())


def _switch(app: Sphinx, pagename: str, _: str, context: dict[str, Any], __: object) -> None:
    """Tell the template the address of the same page in the other language."""
    other = "en" if app.config.language == "ko" else "ko"
    up = "../" * (pagename.count("/") + 1)
    context["other_language"] = "English" if other == "en" else "한국어"
    context["other_page"] = f"{up}{other}/{pagename}.html"
    context["other_code"] = other
