"""Reads any JSON text (RFC 8259), also texts that msgspec rejects.

The grammar allows a lone surrogate as an escape (section 8.2) and a number of any size (section 6).
A command with one of them is refused, and the refusal must carry the command's id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises for bad input. RecursionError: arrays or objects nested thousands deep."""

_MOST_DIGITS = 400
"""A longer integer is read as a float, as in JavaScript. Python's own conversion is quadratic."""

MOST_WHOLE = 2**53 - 1
"""The largest whole number that JavaScript can hold."""

_LEADING_ID = re.compile(
    r"""
    \s*+ \{
    (?: \s*+ "(?!id")[^"\\]*+" \s*+ : \s*+ (?: "(?:[^"\\]|\\.)*+" | [-+.\w]++ ) \s*+ , )*+
    \s*+ "id" \s*+ : \s*+ (\d{1,16}) \s*+ [,}]
    """,
    re.ASCII | re.DOTALL | re.VERBOSE,
)
"""Finds the id of an object, if only texts, numbers and literals stand before it."""


def read(text: str | bytes) -> Any:
    """The value of a JSON text. A lone surrogate is kept; too large a number is an infinite float.

    Raises:
        ValueError: the text is not JSON, or is nested too deeply.
    """
    try:
        return msgspec.json.decode(text)
    except UNREADABLE:
        return read_any(text)


def read_any(text: str | bytes) -> Any:
    """The same for a text that msgspec has rejected."""
    try:
        return _tolerant.decode(text.decode() if isinstance(text, bytes) else text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def leading_id(text: str | bytes) -> int | None:
    """The `id` of an object that can't be read to its end."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    found = _LEADING_ID.match(text)
    number = int(found[1]) if found else None
    return number if number is not None and number <= MOST_WHOLE else None


def has_lone_surrogates(fields: Mapping[str, object]) -> bool:
    """Whether any text in the value, also a field's name, can't be encoded in UTF-8."""
    for name, value in fields.items():
        if not (type(value) is str and value.isascii() and name.isascii()):
            return _any_lone_surrogate(fields)
    return False


def _any_lone_surrogate(value: object) -> bool:
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                if not text.isascii() and not _is_unicode(text):
                    return True
            case Mapping() as fields:
                left += (*fields, *fields.values())
            case list() as items:
                left += items
    return False


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_tolerant = json.JSONDecoder(parse_int=_integer, parse_constant=_no_constant)
