"""Links that work on GitHub and have no page in the site: to folders, and to the other language."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
SWITCH = re.compile(r"^\*\[(?:English|한국어)\]\([^)]*\)\*\n+", re.MULTILINE)
"""A line that leads to the page's other version: the site has a switch of languages."""
LINK = re.compile(r"\[([^\]\[]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")


def setup(app: Sphinx) -> None:
    """Rewrite a page's links before it is parsed."""
    app.connect("source-read", _rewrite, priority=900)


def _rewrite(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = rewritten(source[0], docname, Path(app.srcdir))


def rewritten(text: str, docname: str, root: Path) -> str:
    """Text of a page with its links as the site has them.

    A link to a folder or a program becomes its words: a copy of a program inside the package would
    be taken for a module of it. A link to a page's Korean version becomes a link to the
    page: the site's switch of languages leads to the other version. An anchor in HTML becomes one
    that Sphinx knows.
    """

    def replace(match: re.Match[str]) -> str:
        words, target, anchor = match.group(1), match.group(2), match.group(3) or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), target))
        if path.endswith(".py") or (root / path).is_dir():
            return words
        if ".ko." in target:
            return f"[{words}]({target.replace('.ko.', '.')}{anchor})"
        return match.group()

    return ANCHOR.sub(r"[]{#\1}", LINK.sub(replace, SWITCH.sub("", text)))
