"""Placeholders in what a scenario sends: `{id}`, `{client}`, `{room}`, `{n}`, `{text:32}`.

A value in JSON that is nothing but `{id:number}` becomes a number.
"""

from __future__ import annotations

__pure__ = True

import re
from collections.abc import Callable, Container, Mapping
from typing import Any

import msgspec

ID_DIGITS = 8
"""Every `{id}` has this many digits and no leading zero, so it is a number in JSON, too."""
FIRST_ID: int = 10 ** (ID_DIGITS - 1)
MOST_IDS = 9 * FIRST_ID
LONGEST_TEXT = 65_536

KNOWN = {
    "id": "the message's own number, the same digits in every answer to it",
    "client": "the client's name",
    "room": "the name of the client's room",
    "n": "how many messages the client has sent before",
    "text": "incompressible text of a size, as {text:32}",
}
_FORM = re.compile(r"\{([a-z]+)(?::([A-Za-z0-9]+))?\}")
_NUMBERS = re.compile(rb'"(\{(?:id|n)):number\}"')

Values = Mapping[str, bytes]
"""`id`, `client`, `room`, `n` as they are written."""


def check(text: str, where: str, allowed: Container[str] = KNOWN) -> None:
    """Check the placeholders of a text. `allowed`: those that have a value there.

    Raises:
        ValueError: one does not exist or has no value there. The text begins with `where`.
    """
    for match in _FORM.finditer(text):
        if (fault := _fault(match, text, allowed)) is not None:
            raise ValueError(f"{where}: {fault}")


def _fault(match: re.Match[str], text: str, allowed: Container[str]) -> str | None:
    name, size = match.groups()
    if name == "text" and name in allowed:
        if size is not None and size.isdecimal() and 1 <= int(size) <= LONGEST_TEXT:
            return None
        return f"{match[0]} needs a size from 1 to {LONGEST_TEXT:,} bytes, such as {{text:32}}"
    if name in ("id", "n") and size == "number" and name in allowed:
        lone = match[0] == text
        return None if lone else f"{match[0]} makes a number of a whole value: it stands alone"
    if name in allowed and size is None:
        return None
    forms = ["{text:32}" if each == "text" else f"{{{each}}}" for each in KNOWN if each in allowed]
    return f"there is no placeholder {match[0]} here; there are {', '.join(forms)}"


class Template:
    """A text with placeholders, ready to be filled in. `texts` makes a text of a size."""

    def __init__(self, source: bytes, texts: Callable[[int], bytes]) -> None:
        parts = _FORM.split(source.decode())
        self._fixed = [part.encode() for part in parts[::3]]
        self._names = [
            (name, int(size) if size else 0)
            for name, size in zip(parts[1::3], parts[2::3], strict=True)
        ]
        self._texts = texts

    @property
    def beginning(self) -> bytes:
        """What every text of it begins with."""
        return self._fixed[0]

    def render(self, values: Values) -> bytes:
        """The text with these values."""
        done = [self._fixed[0]]
        for (name, size), fixed in zip(self._names, self._fixed[1:], strict=True):
            done.append(self._texts(size) if name == "text" else values[name])
            done.append(fixed)
        return b"".join(done)


def json_template(value: Any) -> bytes:
    """A value as JSON, its placeholders still in it, and numbers where the value says so."""
    return _NUMBERS.sub(rb"\1}", msgspec.json.encode(value))
