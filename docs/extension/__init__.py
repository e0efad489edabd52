"""The site's own part of Sphinx: two languages, links, diagrams and terms."""

from __future__ import annotations

from sphinx.application import Sphinx

from docs.extension import diagrams, language, links, terms


def setup(app: Sphinx) -> dict[str, bool]:
    """Register each part."""
    diagrams.setup(app)
    language.setup(app)
    links.setup(app)
    terms.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
