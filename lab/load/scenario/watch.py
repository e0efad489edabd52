"""Recognises the messages that a scenario waits for, and finds the ids in them."""

from __future__ import annotations

__pure__ = True

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from lab.load.scenario.packets import Heard
from lab.scenario import Expected, Message
from lab.scenario.placeholders import ID_DIGITS
from lab.scenario.schema import strings

NOTHING = b"\xff"
"""No text begins with this, because it is not UTF-8 (RFC 3629, section 1)."""
_IDS = re.compile(rb"(?<!\d)\d{%d}(?!\d)" % ID_DIGITS)


class Watch:
    """One kind of message, at one client.

    `mark` and `offset` are learnt from the messages that were decoded: every text that begins with
    `mark` is of this kind, and its id stands at `offset`, if an id that is awaited stands there.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self.mark = NOTHING
        self.offset = 0

    def recognises(self, heard: Heard) -> bool:
        """Whether the message is of this kind."""
        wanted = self._expected
        if wanted.event is not None and heard.event != wanted.event:
            return False
        if wanted.starts is not None and not heard.text.startswith(wanted.starts.encode()):
            return False
        if wanted.ack and heard.ack is None:
            return False
        return not wanted.match or _has(wanted.match, _first_object(heard))

    def ids(self, heard: Heard) -> Iterator[bytes]:
        """What may be an id in the message, in the order of the text."""
        if self._expected.id is None:
            text = heard.text
        else:
            text = _text(_at(heard.content, self._expected.id.split(".")))
        return (found[0] for found in _IDS.finditer(text))

    def learn(self, text: bytes, tag: bytes) -> None:
        """Take from a decoded message how the next ones will look."""
        offset = text.index(tag)
        before = text[:offset]
        if self.mark is not NOTHING and self.offset == offset:
            before = _common(self.mark, before)
        # A field that decides about the kind and stands behind the id would go unread.
        if all(_written(key, value, before) for key, value in self._expected.match.items()):
            self.mark, self.offset = before, offset
        else:
            self.mark = NOTHING


def as_sent(message: Message, beginning: bytes) -> Expected:
    """How to recognise a message that comes back as it was sent. `beginning`: of its texts."""
    if message.event is not None:
        return Expected(event=message.event)
    if isinstance(message.json, dict):
        fixed = {key: value for key, value in message.json.items() if _is_fixed(value)}
        if fixed:
            return Expected(match=fixed)
    return Expected(starts=beginning.decode())


def _is_fixed(value: Any) -> bool:
    return not any("{" in text for text in strings(value))


def _common(one: bytes, other: bytes) -> bytes:
    """The beginning that both have."""
    for length, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return one[:length]
    return min(one, other, key=len)


def _has(match: dict[str, Any], found: Any) -> bool:
    return isinstance(found, dict) and all(
        key in found and found[key] == value for key, value in match.items()
    )


def _first_object(heard: Heard) -> Any:
    """Where `match` looks: in the text's value, or in the first argument that is an object."""
    if heard.event is None and heard.ack is None:
        return heard.content
    return next((each for each in heard.content if isinstance(each, dict)), None)


def _at(content: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(content, dict):
            content = content.get(step)
        elif isinstance(content, list) and step.isdecimal() and int(step) < len(content):
            content = content[int(step)]
        else:
            return None
    return content


def _text(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


def _written(key: str, value: Any, text: bytes) -> bool:
    name, written = msgspec.json.encode(key), msgspec.json.encode(value)
    return any(name + colon + written in text for colon in (b":", b": "))
