"""The documents for readers: their links and anchors as GitHub reads them."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^(```+|~~~+).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?\1", re.DOTALL)
LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?:\s[^)]*)?\)")
REFERENCE = re.compile(r"^\[[^\]]+\]: (\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
ANCHOR = re.compile(r"""<a (?:id|name)=["']([^"']+)["']""")


@cache
def documents() -> tuple[Path, ...]:
    """Every document and notebook in the project, not ignored by git."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md", "*.ipynb"]
    found = subprocess.check_output(listed, cwd=ROOT, text=True).splitlines()
    return tuple(ROOT / name for name in found if (ROOT / name).is_file())


@cache
def text(path: Path) -> str:
    """A document's Markdown; of a notebook that of its Markdown cells."""
    whole = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return whole
    cells = json.loads(whole)["cells"]
    return "\n\n".join("".join(each["source"]) for each in cells if each["cell_type"] == "markdown")


def links(markdown: str) -> list[str]:
    """The targets of a text's links and pictures."""
    plain = CODE.sub("", COMMENT.sub("", FENCED.sub("", markdown)))
    return [*LINK.findall(plain), *REFERENCE.findall(plain)]


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a document: of its headings, and those that are written as HTML."""
    markdown = COMMENT.sub("", FENCED.sub("", text(path)))
    seen: dict[str, int] = {}
    found = set(ANCHOR.findall(markdown))
    for heading in HEADING.findall(markdown):
        name = slug(heading)
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return frozenset(found)


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
