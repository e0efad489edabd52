"""Find where one write of a response that stays open ends and the next begins.

Each of the formats has a beginning, written once, and then write after write: a part of a multipart
body, a script that the browser runs as it comes, an event of an EventSource (WHATWG HTML, section
9.2.6), a line of JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lab.decode.fallbacks.bodies import Read, read_literal, wrapped
from lab.decode.fallbacks.escapes import LITERAL
from lab.decode.fallbacks.lines import read_line
from lab.decode.fallbacks.packets import read_payload
from lab.decode.view import Content, View


class Format(NamedTuple):
    """How a stream is written: `write` is one of them, its group 1, if any, what `read` reads.

    `ending`: where a write of packets ends; without one among what has come, there is no new one.
    `opening`: what the first write begins with, where any text may stand before it; else empty.
    """

    name: str
    beginning: re.Pattern[bytes]
    write: re.Pattern[bytes]
    ending: re.Pattern[bytes]
    read: Read
    opening: bytes = b""


OPENING = b"<script>_("

_two_line_ends = re.compile(rb"\r?\n\r?\n\Z")

FORMATS = {
    "xhr-multipart": Format(
        "part",
        re.compile(rb"(?:--socketio\r?\n)?"),
        re.compile(rb"Content-Type: [^\r\n]*\r?\n\r?\n(.*?)\r?\n--socketio(?:--)?\r?\n", re.DOTALL),
        re.compile(rb"\n--socketio(?:--)?\r?\n"),
        read_payload,
    ),
    "htmlfile": Format(
        "script",
        re.compile(rb"(?:(?!" + re.escape(OPENING) + rb").)*", re.DOTALL),
        re.compile(rb"\s*" + re.escape(OPENING) + rb"(" + LITERAL + rb")\);</script>"),
        re.compile(rb"</script>"),
        read_literal,
        OPENING,
    ),
    "sse": Format(
        "event",
        re.compile(rb""),
        re.compile(
            rb"data: ?([^\r\n]*)(?:\r?\n){2}"
            rb"|(?::|event:|id:|retry:)[^\r\n]*(?:\r?\n){1,2}"
            rb"|(?:\r?\n){1,2}"
        ),
        re.compile(rb"\n\r?\n"),
        read_payload,
    ),
    "http-stream": Format(
        "line",
        re.compile(rb""),
        re.compile(rb"([^\n]*)\n"),
        re.compile(rb"\n"),
        read_line,
    ),
}
"""Transport -> its format."""


class Write(NamedTuple):
    """The text from `start` to `end` of a stream, and what was found in it."""

    start: int
    end: int
    content: Content


def beginning_of(view: View, form: Format) -> Write:
    """What stands before the first write; it may be empty."""
    match = form.beginning.match(view.text)
    end = match.end() if match else 0
    return Write(0, end, Content(view.own(0, end, "framing", "envelope")))


def writes(view: View, form: Format, start: int, more: bool = False) -> Iterator[Write]:
    """Each whole write from `start` on. With `more`, a write that more text may extend is left."""
    while match := form.write.match(view.text, start):
        if more and _may_go_on(match):
            return
        yield Write(start, match.end(), wrapped(view, match, form.read))
        start = match.end()


def _may_go_on(match: re.Match[bytes]) -> bool:
    """Whether a write without packets may have a second line end, which has not come yet."""
    after = match.string[match.end() : match.end() + 2]
    return match[1] is None and after in (b"", b"\r") and not _two_line_ends.search(match[0])
