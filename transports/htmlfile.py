r"""The transport `htmlfile`: a page in a hidden iframe that never ends (the "forever frame").

    GET /socket.io/1/htmlfile/<sid>?t=<ms>
    200 text/html

    <html><body><script>var _ = function (msg) { parent.s._(msg, document); };</script>
    <script>_("4:::{\"type\":\"message\",…}");</script>

A browser runs each script as it comes. A script can't call a page of another origin. Such a page
names itself by `&page=<origin>`, and if it is allowed, gets a message instead (HTML, section 9.3):

    <html><body><script>var _ = function (msg) { parent.postMessage(msg, "<origin>"); };</script>

The browser gives that message to a page of this origin only. Internet Explorer used this stream in
an ActiveX object called `htmlfile`, so that it showed no loading sign. It still works in an
ordinary iframe. The server, the session and the client are in `_fallback/`; this file is the
format.
"""

from __future__ import annotations

from transports._fallback.format import Packets, Query, Streaming
from transports._fallback.packets import MalformedError, payload
from transports._fallback.script import GROWTH, literal, read_literal
from transports._fallback.transport import Fallback

PRELUDE_BYTES = 256
"""Browsers did not run a page's scripts before so many bytes had come."""
PRELUDE = b"<html><body><script>var _ = function (msg) { %b; };</script>"
CALL_PARENT = b"parent.s._(msg, document)"
POST_TO_PARENT = b"parent.postMessage(msg, %b)"
CALL, CALLED = b"<script>_(", b");"


class Htmlfile(Streaming, Fallback):
    """Each write is a script element that calls the parent page with the payload."""

    name = "htmlfile"
    summary = "forever iframe in Socket.IO 0.9's format, bare"
    content_type = "text/html; charset=UTF-8"
    growth = GROWTH
    frames_documents = True
    prelude = (PRELUDE % CALL_PARENT).ljust(PRELUDE_BYTES)
    terminator = b"</script>"

    def prelude_for(self, page: str | None) -> bytes:
        """See `Streaming`."""
        if page is None:
            return self.prelude
        return (PRELUDE % (POST_TO_PARENT % literal(page.encode()))).ljust(PRELUDE_BYTES)

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return CALL + literal(payload(packets)) + CALLED + self.terminator

    def decode(self, part: bytes) -> bytes | None:
        """See `Streaming`."""
        part = part.lstrip(b" ")
        if part == self.prelude.rstrip(b" ").removesuffix(self.terminator):
            return None
        if not (part.startswith(CALL) and part.endswith(CALLED)):
            raise MalformedError("a write must be a script that calls the page")
        return read_literal(part.removeprefix(CALL).removesuffix(CALLED))
