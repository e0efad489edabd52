"""Beside the wire: where one write of a response that stays open ends and the next begins.

Each of the three formats is a beginning, written once, and then write after write: a part of a
multipart body, a script that the browser runs as it comes, an event of an EventSource (WHATWG HTML,
section 9.2.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lab.wire.fallbacks.bodies import Read, read_literal, wrapped
from lab.wire.fallbacks.escapes import LITERAL
from lab.wire.fallbacks.packets import read_payload
from lab.wire.view import Content, View


class Format(NamedTuple):
    """How a stream is written: `write` is one of them, its group 1, if any, what `read` reads.

    `ending`: where a write of packets ends; without one among what has come, there is no new one.
    """

    name: str
    beginning: re.Pattern[bytes]
    write: re.Pattern[bytes]
    ending: re.Pattern[bytes]
    read: Read


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
        re.compile(rb"(?:(?!<script>_\().)*", re.DOTALL),
        re.compile(rb"\s*<script>_\((" + LITERAL + rb")\);</script>"),
        re.compile(rb"</script>"),
        read_literal,
    ),
    "sse": Format(
        "event",
        re.compile(rb""),
        re.compile(rb"data: ?([^\r\n]*)(?:\r?\n){2}|(?::|event:|id:|retry:)[^\r\n]*(?:\r?\n)+"),
        re.compile(rb"\n\r?\n"),
        read_payload,
    ),
}
"""Transport -> its format."""


class Write(NamedTuple):
    """The text from `start` to `end` of a stream, and what was found in it."""

    start: int
    end: int
    content: Content


def beginning_of(view: View, form: Format) -> Write:
    """What stands before the first write, though it be nothing."""
    match = form.beginning.match(view.text)
    end = match.end() if match else 0
    return Write(0, end, Content(view.own(0, end, "framing", "envelope")))


def writes(view: View, form: Format, start: int, more: bool = False) -> Iterator[Write]:
    """Each write from `start` on that came whole; one that `more` text could belong to did not."""
    while match := form.write.match(view.text, start):
        if more and match[1] is None and match.end() == len(view.text):
            return
        yield Write(start, match.end(), wrapped(view, match, form.read))
        start = match.end()
