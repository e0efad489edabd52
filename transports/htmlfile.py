r"""The wire `htmlfile`: the forever frame, a page in a hidden iframe that never ends loading.

    GET /socket.io/1/htmlfile/<sid>?t=<ms>
    200 text/html

    <html><body><script>var _ = function (msg) { parent.s._(msg, document); };</script>
    <script>_("4:::{\"type\":\"message\",…}");</script>

A browser runs each script as it comes. Of a page of another origin no script is called from here:
one that names itself, `&page=<origin>`, and is allowed gets a message instead (HTML, section 9.3),

    <html><body><script>var _ = function (msg) { parent.postMessage(msg, "<origin>"); };</script>

which no other page can take. It was Internet Explorer's stream, in an ActiveX object
called `htmlfile` that kept the page's throbber quiet; in an ordinary iframe it still works.
"""

from __future__ import annotations

from transports._fallback import Fallback
from transports._fallback_format import Packets, Query, Streaming
from transports._fallback_packets import MalformedError, payload
from transports._fallback_script import GROWTH, literal, read_literal

PRELUDE_BYTES = 256
"""Browsers held back the first bytes of a page until there were so many."""
PRELUDE = b"<html><body><script>var _ = function (msg) { %b; };</script>"
CALL_PARENT = b"parent.s._(msg, document)"
TELL_PARENT = b"parent.postMessage(msg, %b)"
CALL, CALLED = b"<script>_(", b");"


class Htmlfile(Streaming, Fallback):
    """A write is a script element that calls the parent page with the payload."""

    name = "htmlfile"
    summary = "forever iframe in Socket.IO 0.9's format, bare"
    content_type = "text/html; charset=UTF-8"
    growth = GROWTH
    prelude = (PRELUDE % CALL_PARENT).ljust(PRELUDE_BYTES)
    terminator = b"</script>"

    def prelude_for(self, page: str | None) -> bytes:
        """See `Streaming`."""
        if page is None:
            return self.prelude
        return (PRELUDE % (TELL_PARENT % literal(page.encode()))).ljust(PRELUDE_BYTES)

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return CALL + literal(payload(packets)) + CALLED + self.terminator

    def decode(self, part: bytes) -> bytes | None:
        """See `Streaming`."""
        part = part.lstrip(b" ")
        if part == self.prelude.rstrip(b" ").removesuffix(self.terminator):
            return None
        if not (part.startswith(CALL) and part.endswith(CALLED)):
            raise MalformedError("a write is a script that calls the page")
        return read_literal(part.removeprefix(CALL).removesuffix(CALLED))
