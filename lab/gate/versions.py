"""Reads which versions of which packages the two sides of a gate have."""

from __future__ import annotations

__pure__ = True

import re
from typing import Literal

import msgspec

ALLOWED = (
    "two sides with a comma between them, each of packages with exact versions: "
    "'websockets==15.0,websockets==17.4', 'npm:ws@8.18.0,npm:ws@8.23.0'; several packages of a "
    "side have a space between them; a wheel is given by its path"
)

_PYTHON = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[A-Za-z0-9._,-]*\])?==([A-Za-z0-9.!+_-]+)")
_WHEEL = re.compile(r"(?:.*/)?([A-Za-z0-9][A-Za-z0-9._]*)-[^/]+\.whl")
_NPM = re.compile(r"npm:((?:@[a-z0-9._~-]+/)?[a-z0-9._~-]+)@([A-Za-z0-9.+-]+)")
_SEPARATOR = re.compile(r",(?![^\[]*\])")
"""A comma outside of brackets: `uvicorn[standard,extra]==0.30` is one package."""


class Pin(msgspec.Struct, frozen=True):
    """A package with one version. `requirement`: as pip or npm takes it."""

    kind: Literal["python", "npm"]
    name: str
    requirement: str


class Pins(msgspec.Struct, frozen=True):
    """The packages of one side. `text`: as the user wrote them, without paths."""

    text: str
    pins: tuple[Pin, ...]

    def of(self, kind: Literal["python", "npm"]) -> list[Pin]:
        """The packages of one ecosystem."""
        return [pin for pin in self.pins if pin.kind == kind]


def parse(text: str) -> tuple[Pins, Pins]:
    """The two sides of `--versions`: the base, then the candidate.

    Raises ValueError, which says what is allowed.
    """
    sides = [side.split() for side in _SEPARATOR.split(text)]
    if len(sides) != 2 or not all(sides):
        raise ValueError(f"{text!r} does not have two sides: {ALLOWED}")
    base, candidate = (_pins(side) for side in sides)
    if base.pins == candidate.pins:
        raise ValueError(f"{text!r}: both sides are the same; a gate without a change has no use")
    return base, candidate


def normalised(name: str) -> str:
    """The name of a Python package as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(words: list[str]) -> Pins:
    pins = tuple(map(_pin, words))
    if twice := {pin.name for pin in pins if sum(one.name == pin.name for one in pins) > 1}:
        raise ValueError(f"one side has {', '.join(sorted(twice))} twice")
    return Pins(" ".join(word.rpartition("/")[2] if _wheel(word) else word for word in words), pins)


def _pin(word: str) -> Pin:
    if found := _wheel(word):
        return Pin("python", normalised(found[1]), word)
    if found := _NPM.fullmatch(word):
        return Pin("npm", found[1], word.removeprefix("npm:"))
    if found := _PYTHON.fullmatch(word):
        return Pin("python", normalised(found[1]), word)
    raise ValueError(f"{word!r} has no exact version: write {ALLOWED}")


def _wheel(word: str) -> re.Match[str] | None:
    return _WHEEL.fullmatch(word)
