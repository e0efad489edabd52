"""Parses the values of options, and refuses those outside a range."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from lab.relay.network import LONGEST_DELAY_NS
from lab.relay.units import format_bytes, format_duration, parse_bandwidth, parse_duration

SEED = click.IntRange(0, 2**32 - 1)
"""The range of every random generator's seed; JSON keeps these numbers exactly."""
FASTEST_BYTES_PER_S = 1e12
ORIGIN_FORM = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d+)?", re.ASCII)
"""RFC 6454 6.1 with a host as browsers write it: an address or an ASCII name (RFC 3986 3.2.2)."""
DEFAULT_PORTS = {"http": 80, "https": 443}


class Parsed(click.ParamType[object]):
    """An option that a function parses; the function raises ValueError for a wrong text."""

    def __init__(
        self, name: str, parse: Callable[[str], object], write: Callable[[Any], str] = str
    ) -> None:
        """`write`: makes the text of a value again."""
        self.name = name
        self._parse = parse
        self._write = write

    def written(self, value: object) -> str:
        """The text that gives this value."""
        return self._write(value).replace(" ", "")

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Finite(click.FloatRange):
    """A number within a range; click's own type accepts "nan"."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """See `click.ParamType`."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value} is not a finite number", param, ctx)
        return found


def duration(shortest_ns: int = 0, longest_ns: int = LONGEST_DELAY_NS) -> Parsed:
    """Return an option type for a duration in ns within the allowed range."""

    def parse(text: str) -> int:
        found = parse_duration(text)
        if not shortest_ns <= found <= longest_ns:
            longest = "one hour" if longest_ns == LONGEST_DELAY_NS else format_duration(longest_ns)
            raise ValueError(
                f"{text!r} is out of range: from {format_duration(shortest_ns)} to {longest}"
            )
        return found

    return Parsed("duration", parse, format_duration)


def _bandwidth(text: str) -> float:
    try:
        found = parse_bandwidth(text)
    except OverflowError:
        found = math.inf
    if not 1 <= found <= FASTEST_BYTES_PER_S:
        raise ValueError(f"{text!r} is out of range: at least 1 byte per second, at most 1000 GB")
    return found


def parse_origin(text: str) -> str:
    """Parse an Origin as browsers send it (RFC 6454 6.2): scheme://host, with an unusual port.

    Raises ValueError that says what is allowed.
    """
    allowed = "write SCHEME://HOST[:PORT], such as https://chat.example or http://localhost:3000"
    if text == "null":
        return text
    refused = ValueError(f"{text!r} is no Origin: {allowed}")
    if (match := ORIGIN_FORM.fullmatch(text)) is None:
        raise refused
    try:
        parts = urlsplit(match[0])
        host, port = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if not host:
        raise refused
    shown = f"[{host}]" if ":" in host else host
    usual = port is None or DEFAULT_PORTS.get(parts.scheme) == port
    return f"{parts.scheme}://{shown}" if usual else f"{parts.scheme}://{shown}:{port}"


DURATION = duration()
BANDWIDTH = Parsed("bandwidth", _bandwidth, format_bytes)
ORIGIN = Parsed("origin", parse_origin)
