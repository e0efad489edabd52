"""Compression as a dimension of a run: what is asked for, and what a transport lets one set."""

from __future__ import annotations

__pure__ = True

import re
from typing import Literal

import msgspec

WINDOWS = (9, 15)
"""Bits of the window. zlib makes no raw deflate with a window of 8 bits, though RFC 7692 section
7.1.2 allows it."""
LEVELS = (0, 9)
"""zlib's levels: 0 stores, 1 is the fastest, 9 the smallest."""
WITHOUT_TAKEOVER = "no-takeover"
FORM = f"off, stock, or WINDOW:LEVEL[:{WITHOUT_TAKEOVER}]"

_SET = re.compile(rf"(\d{{1,3}}):(\d{{1,3}})(:{WITHOUT_TAKEOVER})?", re.ASCII)


class Compression(msgspec.Struct, frozen=True):
    """How a connection compresses its messages.

    `off`: not. `stock`: as the library does if nobody sets anything. `set`: every message, with
    `window` in bits and zlib's `level`. `takeover`: one context of zlib for all messages of a
    direction (RFC 7692 section 7.1.1); otherwise each message is compressed alone.
    """

    kind: Literal["off", "stock", "set"]
    window: int = 15
    level: int = 6
    takeover: bool = True

    def __str__(self) -> str:
        if self.kind != "set":
            return self.kind
        end = "" if self.takeover else f":{WITHOUT_TAKEOVER}"
        return f"{self.window}:{self.level}{end}"

    @property
    def wanted(self) -> bool:
        """Whether the user asks for any compression, be it that of the library."""
        return self.kind != "off"


OFF = Compression("off")
STOCK = Compression("stock")


def parse(text: str) -> Compression:
    """Read `off`, `stock`, or WINDOW:LEVEL[:no-takeover].

    Raises:
        ValueError: it is none of them, or zlib does not take the numbers. The message says what is
            allowed.
    """
    for each in (OFF, STOCK):
        if text == each.kind:
            return each
    if (found := _SET.fullmatch(text)) is None:
        raise ValueError(f"{text!r} is not {FORM}, such as 15:6")
    window, level = int(found[1]), int(found[2])
    if not _within(window, WINDOWS):
        raise ValueError(f"zlib takes a window of {WINDOWS[0]} to {WINDOWS[1]} bits, not {window}")
    if not _within(level, LEVELS):
        raise ValueError(f"zlib takes a level of {LEVELS[0]} to {LEVELS[1]}, not {level}")
    return Compression("set", window, level, takeover=found[3] is None)


def chosen(compression: Compression | None, settings: str) -> Compression:
    """What is used: what is asked for, or otherwise `off` under `equal`, `stock` under `stock`."""
    if compression is not None:
        return compression
    return STOCK if settings == "stock" else OFF


class CompressionChoices(msgspec.Struct, frozen=True):
    """What the libraries of a transport let one set. Ranges include both ends.

    `stock`: what they do if nobody sets anything. `levels` None: only `off` and `stock` can be
    chosen. `forgets`: whether `no-takeover` can be chosen. `note`: what else a reader should know.
    """

    stock: str
    windows: tuple[int, int] = WINDOWS
    levels: tuple[int, int] | None = LEVELS
    forgets: bool = True
    note: str = ""

    def fault_of(self, transport: str, wanted: Compression) -> str | None:
        """Why `transport` can't compress so, in one sentence; None if it can."""
        if wanted.kind != "set":
            return None
        if self.levels is None:
            return f"{transport} has no option for window and level: choose off or stock"
        if not _within(wanted.level, self.levels):
            return f"{transport} compresses at level {_span(self.levels)} only, not {wanted.level}"
        if not self.forgets and not wanted.takeover:
            return f"{transport} has no {WITHOUT_TAKEOVER}: choose WINDOW:LEVEL"
        return None

    def shown(self, used: Compression) -> str:
        """What is in effect, for the settings that a reader sees beside the figures."""
        if used.kind == "off":
            return "none"
        text = self.stock if used.kind == "stock" else str(used)
        return f"{text}; {self.note}" if self.note and used.kind == "set" else text


def _within(number: int, span: tuple[int, int]) -> bool:
    return span[0] <= number <= span[1]


def _span(span: tuple[int, int]) -> str:
    return f"{span[0]}" if span[0] == span[1] else f"{span[0]} to {span[1]}"
