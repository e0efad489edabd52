"""Header fields that are lists, in one field or in several (RFC 9110 sections 5.3, 5.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

Fields = Iterable[tuple[str, str]]
"""Names in lower case with their values, in the order of the message."""

_quoted = r'"(?:[^"\\]|\\.)*"'
_member = re.compile(rf'(?:{_quoted}|[^",]|")+')
_parameter = re.compile(rf'(?:{_quoted}|[^";]|")+')


def members(fields: Fields, name: str) -> list[str]:
    """The members of a list: of every field of that name, without the empty ones."""
    values = (value for field, value in fields if field == name)
    return [part for value in values for part in _split(_member, value)]


def parameters(member: str) -> list[str]:
    """What semicolons separate: a name, and its parameters (RFC 9110 section 5.6.6)."""
    return _split(_parameter, member)


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    return [part for found in pattern.findall(text) if (part := found.strip())]
