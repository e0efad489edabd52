"""Links the first use of each term of the glossary on a page, with the meaning as its tooltip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from docutils import nodes
from sphinx.application import Sphinx

from lab.bilingual import Language
from tools import glossary
from tools.glossary import Term

GLOSSARY = "docs/glossary"
NEVER_IN = (
    nodes.reference,
    nodes.literal,
    nodes.title,
    nodes.FixedTextElement,
    nodes.raw,
    nodes.thead,
    nodes.admonition,
)
"""A link here would hide another, or change a heading or code."""
MARKDOWN = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*]")


def setup(app: Sphinx) -> None:
    """Link the terms once the page's other links are known."""
    app.connect("doctree-resolved", _link)


def _link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if docname == GLOSSARY:
        return
    page = app.builder.get_relative_uri(docname, GLOSSARY)
    linked(doctree, page, Language(app.config.language))


def linked(doctree: nodes.document, page: str, language: Language) -> None:
    """Link the first use of each term to its row in the glossary at the address `page`."""
    pattern, by_word = words(language)
    left = set(by_word.values())
    for text in [one for one in doctree.findall(nodes.Text) if _may_link(one)]:
        parts = list(_parts(str(text), pattern, by_word, left, page, language))
        if len(parts) > 1:
            text.parent.replace(text, parts)


def _may_link(text: nodes.Text) -> bool:
    node: nodes.Node | None = text.parent
    while node is not None:
        if isinstance(node, NEVER_IN):
            return False
        node = node.parent
    return True


@cache
def words(language: Language) -> tuple[re.Pattern[str], dict[str, Term]]:
    """A pattern for every word that is linked, and the term of each word.

    A longer word goes before a shorter one that begins it. In English a plural is the same word; in
    Korean a particle may follow.
    """
    found = {
        name.lower(): term
        for term in glossary.terms()
        if term.link
        for name in term.names(language)
        if not name.startswith("`")
    }
    any_of = "|".join(re.escape(name) for name in sorted(found, key=len, reverse=True))
    end = r"(?=(?:e?s)?\b)" if language is Language.ENGLISH else ""
    return re.compile(rf"(?<![\w/-])({any_of}){end}(?!-)", re.IGNORECASE), found


def _parts(
    text: str,
    pattern: re.Pattern[str],
    by_word: dict[str, Term],
    left: set[Term],
    page: str,
    language: Language,
) -> Iterator[nodes.Node]:
    """Yield the text in pieces, with a link for each term that the page has not linked yet."""
    at = 0
    for match in pattern.finditer(text):
        term = by_word[match.group().lower()]
        if term in left:
            left.remove(term)
            yield nodes.Text(text[at : match.start()])
            yield _reference(match.group(), f"{page}#{term.anchor}", term.explained(language))
            at = match.end()
    yield nodes.Text(text[at:])


def _reference(word: str, address: str, meaning: str) -> nodes.reference:
    tooltip = MARKDOWN.sub(lambda found: found.group(1) or "", meaning)
    return nodes.reference(
        "", word, refuri=address, internal=True, classes=["term"], reftitle=tooltip
    )
