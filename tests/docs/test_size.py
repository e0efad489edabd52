"""What the project commits for its site stays small: pictures that pages show, and notebooks."""

from __future__ import annotations

from tests.docs.pages import ROOT, documents, links, text

MOST_BYTES = 6_000_000
PICTURES = {".png", ".svg", ".jpg", ".webp", ".gif"}


def test_the_site_s_pictures_and_notebooks_are_small() -> None:
    shown = {
        (path.parent / target).resolve()
        for path in documents()
        for target in links(text(path))
        if "://" not in target
    }
    pictures = {path for path in shown if path.suffix in PICTURES}
    notebooks = {path for path in documents() if path.suffix == ".ipynb"}
    assert pictures
    assert notebooks
    sizes = {path.relative_to(ROOT): path.stat().st_size for path in pictures | notebooks}
    assert sum(sizes.values()) < MOST_BYTES, sorted(sizes.items(), key=lambda it: -it[1])[:10]
