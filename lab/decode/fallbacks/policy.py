"""Read Flash's cross-domain policy, which Flash requests on a connection of its own.

Adobe, "Policy file changes in Flash Player 9 and Flash Player 10": `<policy-file-request/>` and NUL
one way, an XML file and NUL the other, and the server closes.
"""

from __future__ import annotations

import re

from lab.decode.tree import FlashPolicy, Node, Segment
from lab.decode.view import Stream

REQUEST = b"<policy-file-request/>\0"
NOTHING_MORE = "a connection for a policy file carries nothing else"
_file = re.compile(rb"\s*<[^\0]*</cross-domain-policy>\s*\0", re.DOTALL)


def read_policy(up: Stream, down: Stream) -> list[Node]:
    """The request and the file, as far as they came; nothing of a connection for something else."""
    if not up.data.startswith(REQUEST):
        return []
    request = _node(up, len(REQUEST), "request for a policy file")
    file = _file.match(down.data)
    return [request, _node(down, file.end(), f"policy file, {file.end()} B")] if file else [request]


def _node(stream: Stream, end: int, summary: str) -> FlashPolicy:
    segments = (Segment(0, end, "framing", "policy"),)
    return FlashPolicy(**stream.place(0, end), summary=summary, segments=segments)
