"""Makes output work with every encoding; imported first, so it does without rich."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO


class _Ascii(io.TextIOWrapper):
    """ASCII under a name that click does not know: for plain ASCII, click writes UTF-8 instead."""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # an attribute of the base
        return "ascii-only"


def replace_what_cannot_be_written() -> None:
    """Let stdout and stderr write `?` for a character that their encoding lacks.

    Otherwise a Korean word would end a command on a terminal with ASCII or Latin-1, and a dash on
    one with cp949.
    """
    sys.stdout, sys.stderr = _replacing(sys.stdout), _replacing(sys.stderr)


def _replacing(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if codecs.lookup(stream.encoding).name != "ascii":
        stream.reconfigure(errors="replace")
        return stream
    by_line = stream.line_buffering
    return _Ascii(stream.detach(), "ascii", errors="replace", line_buffering=by_line)
