"""The page as it is built: small, and whole by itself."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.interop.conftest import needs

STATIC = Path(__file__).parents[2] / "lab" / "page" / "static"
FIRST_LOAD_BYTES_MAX = 120_000

NAMED = re.compile(r"""(?:src|href)="\./([^"]+)\"""")
IMPORTED = re.compile(r"""(?:from|import)\s*["`']\./([^"`']+\.js)["`']""")
ADDRESS = re.compile(r"""(?:https?|wss?):\\?/\\?/[^\s"'`\\)<>]*""")
SPOKEN_OF = ("http://www.w3.org/", "https://react.dev/errors/", "https://socket.io/docs/")
"""Names of namespaces, and where libraries' errors are explained: nothing is fetched from them."""


@pytest.fixture(scope="module")
def built() -> Path:
    needs(None if (STATIC / "index.html").exists() else "needs the built page: make page")
    return STATIC


def first_load(built: Path) -> set[Path]:
    """The files without which nothing is shown: what index.html names, and what that imports."""
    html = built / "index.html"
    found = {html}
    waiting = [built / name for name in NAMED.findall(html.read_text(encoding="utf-8"))]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".js":
            script = path.read_text(encoding="utf-8")
            waiting += [path.parent / name for name in IMPORTED.findall(script)]
    return found


def test_the_first_load_is_small(built: Path) -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in first_load(built)}
    assert len(sizes) > 3, sizes
    assert sum(sizes.values()) < FIRST_LOAD_BYTES_MAX, sizes


def test_nothing_comes_from_elsewhere(built: Path) -> None:
    texts = [path for path in built.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    foreign = [
        f"{path.name}: {address}"
        for path in texts
        for address in ADDRESS.findall(path.read_text(encoding="utf-8"))
        if not address.startswith(SPOKEN_OF) and len(address.partition("//")[2]) > 0
    ]
    assert texts
    assert foreign == []


def test_the_page_needs_no_exception_from_a_strict_policy(built: Path) -> None:
    """Content-Security-Policy without 'unsafe-inline', 'unsafe-eval' and data: URLs."""
    for path in built.glob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert re.findall(r"<script(?![^>]*\bsrc=)", html) == [], path.name
        assert re.findall(r"<style|\sstyle=|\son\w+=", html) == [], path.name
    for path in built.rglob("*.css"):
        assert re.findall(r"url\([\"']?(?:data|https?|//)", path.read_text(encoding="utf-8")) == []
    for path in built.rglob("*.js"):
        assert re.findall(r"\bnew Function\b|\beval\(", path.read_text(encoding="utf-8")) == []
