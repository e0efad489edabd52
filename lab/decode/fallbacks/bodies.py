"""Read the fallbacks' HTTP bodies that come to an end by themselves.

Up, a body is a payload or, with JSONP, a payload in a form's field, or it is lines of JSON. Down,
it is a payload or, with JSONP, the argument of a script's call. The wrapping is framing, and so are
the escapes inside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from lab.decode.chat_json import read_plain, undecodable
from lab.decode.fallbacks.escapes import LITERAL, form_value, string_literal
from lab.decode.fallbacks.lines import read_lines
from lab.decode.fallbacks.packets import read_open, read_packet, read_payload
from lab.decode.fallbacks.target import Target
from lab.decode.view import Content, View

Read = Callable[[View, int, int], Content]
"""Reads the text from one place to another, all of it."""

_call = re.compile(rb"io\.j\[[0-9]{1,9}\]\((" + LITERAL + rb")\);?\s*")
_field = re.compile(rb"d=([^&]*)")
_literal = re.compile(LITERAL)
ERROR = b"7:"


def read_up(view: View, target: Target) -> Content:
    """The body of a POST."""
    end = len(view.text)
    if target.transport == "http-stream":
        return read_lines(view, 0, end)
    if target.transport != "jsonp-polling":
        return read_payload(view, 0, end)
    field = _field.fullmatch(view.text)
    if field is None:
        reason = "a form of JSONP has one field, d"
        return Content((), (undecodable(view, 0, end, reason),))
    return wrapped(view, field, _read_value)


def read_down(view: View, target: Target) -> Content:
    """The answer to a GET: to a handshake, or to a poll."""
    read = read_payload if target.session else _read_open
    call = _call.fullmatch(view.text)
    if call is None:
        return read(view, 0, len(view.text))
    return wrapped(view, call, partial(read_literal, read=read))


def read_refusal(view: View, what: str) -> Content:
    """An answer that is not 200: a packet that says why, or whatever `what` else it is."""
    if view.text.startswith(ERROR):
        return Content((), (read_packet(view, 0, len(view.text)),))
    return read_plain(view, "http", what)


def wrapped(view: View, match: re.Match[bytes], read: Read) -> Content:
    """What the first group of a match carries, if it has one; the rest of the match wraps it."""
    inside = match[1] is not None
    start, end = match.span(1) if inside else (match.end(), match.end())
    inner = read(view, start, end) if inside else Content()
    before = view.own(match.start(), start, "framing", "envelope")
    after = view.own(end, match.end(), "framing", "envelope")
    return Content((*before, *inner.segments, *after), inner.children)


def read_literal(view: View, start: int, end: int, read: Read = read_payload) -> Content:
    """What `read` finds in the string literal from `start` to `end`, whose quotes are framing."""
    whole = _literal.fullmatch(view.text, start, end)
    inner = string_literal(view, start, end) if whole else None
    if inner is None:
        reason = "this is no JavaScript string as JSON writes it"
        return Content((), (undecodable(view, start, end, reason),))
    content = read(inner, 0, len(inner.text))
    opening = view.own(start, start + 1, "framing", "envelope")
    closing = view.own(end - 1, end, "framing", "envelope")
    return Content((*opening, *content.segments, *closing), content.children)


def _read_value(view: View, start: int, end: int) -> Content:
    value = form_value(view, start, end)
    return read_literal(value, 0, len(value.text))


def _read_open(view: View, start: int, end: int) -> Content:
    return Content((), (read_open(view, start, end),))
