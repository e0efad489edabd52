"""Texts that users read have none of the words that the lab once used for itself.

docs/glossary.md has the words that replaced them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from lab.cli import main
from lab.load import profiles
from lab.measure.figures import FIGURES
from lab.report.model import titles
from transports import registry

ROOT = Path(__file__).resolve().parents[2]

RETIRED = {
    r"wires?": "transport; for bytes `on the wire`",
    r"halls?": "populated room",
    r"yards?": "interleaved servers",
    r"yardsticks?": "baseline, limit",
    r"stages?": "served transport",
    r"tape[sd]?": "capture",
    r"goodbyes?": "close",
    r"comebacks?": "reconnect",
    r"volleys?": "ping-pong",
    r"knobs?": "effective settings",
    r"told": "describe, format, message",
    r"twins?": "A/A replica",
    r"second self": "A/A replica",
    r"askable|askers?": "requirements, client",
    r"mend(s|ed|ing)?": "workaround, correct",
    r"doors?": "join form",
    r"keepers?": "sessionStorage",
    r"bend(s|ing|er)?|bent": "shape, emulate",
    r"museums?": "fallbacks",
}
"""A word (as a pattern, whole and in any case) -> what to say instead."""

OF_BYTES = re.compile(
    r"\b(on|over|cross(es|ed|ing)?|from|left) the wire\b|_on_the_wire\b", re.IGNORECASE
)
"""Where `wire` means what carries bytes, which is the field's own use of the word."""

ALLOWED = {
    "results/README.md": ("`wires`", "`wire`"),  # what schema 1 calls it
    "docs/reproduce.md": ("the websocket wire", "wire-size measurements"),  # titles of others
}
"""Text -> what stands in it as the name of something that exists."""


def documents() -> Iterator[tuple[str, str]]:
    """What is written for readers. CHANGELOG.md is history, and names what was renamed."""
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "results" / "README.md"]
    for path in [*paths, *sorted((ROOT / "docs").glob("*.md"))]:
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def helps() -> Iterator[tuple[str, str]]:
    """`--help` of every command."""
    yield from _helps(main, ("lab",), None)


def _helps(
    command: click.Command, path: tuple[str, ...], parent: click.Context | None
) -> Iterator[tuple[str, str]]:
    ctx = click.Context(command, info_name=path[-1], parent=parent)
    yield f"{' '.join(path)} --help", command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            yield from _helps(below, (*path, name), ctx)


def headings() -> Iterator[tuple[str, str]]:
    """What stands above tables and beside figures; the experiments' questions; `lab list`."""
    yield "titles of tables", "\n".join(titles.EXPERIMENTS.values())
    yield "titles of figures", "\n".join(f"{figure.title} {figure.unit}" for figure in FIGURES)
    yield "questions of experiments", "\n".join(map(repr, profiles.EXPERIMENTS.values()))
    loaded = [registry.load(name) for name in registry.available()]
    yield "lab list", "\n".join(f"{each.summary} {each.unsafe or ''}" for each in loaded)


def page() -> Iterator[tuple[str, str]]:
    """What the page says, in English: the quoted texts of its words."""
    for path in sorted((ROOT / "web" / "src").glob("*/words.ts")):
        source = re.sub(r"^ *//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        texts = re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', source)
        yield str(path.relative_to(ROOT)), "\n".join(first or second for first, second in texts)


def notebooks() -> Iterator[tuple[str, str]]:
    """The Markdown cells of the notebooks."""
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        yield (
            str(path.relative_to(ROOT)),
            "\n".join(cell for cell in cells if cell.startswith(" [markdown]")),
        )


AREAS = (documents, helps, headings, page, notebooks)


@cache
def texts() -> dict[str, str]:
    """Name of a text -> the text, of all areas."""
    return {name: text for area in AREAS for name, text in area()}


def retired(name: str, text: str) -> list[str]:
    """Each retired word in the text with its surroundings, and what to say instead."""
    for allowed in ALLOWED.get(name, ()):
        text = text.replace(allowed, "")
    text = OF_BYTES.sub("", text)
    found = []
    for pattern, instead in RETIRED.items():
        for match in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            around = " ".join(text[max(match.start() - 40, 0) : match.end() + 40].split())
            found.append(f"{match.group()!r} in “…{around}…”: say {instead}")
    return found


@pytest.mark.parametrize("name", texts())
def test_a_text_has_no_retired_word(name: str) -> None:
    assert retired(name, texts()[name]) == []


def test_what_is_excepted_exists() -> None:
    for name, phrases in ALLOWED.items():
        assert all(phrase in texts()[name] for phrase in phrases)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What crosses the wire, byte by byte", 0),
        ("Every wire has a yard", 2),
        ("Yardsticks are TOLD", 2),
        ("installed, holder, Taper, outdoors", 0),
    ],
)
def test_the_words_are_found(text: str, words: int) -> None:
    assert len(retired("a text", text)) == words


def test_every_area_has_texts() -> None:
    assert all(any(text for _, text in area()) for area in AREAS)
