"""The grammar of a head: the fast path for common input reads the same as the slow path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports._codec import grammar
from transports._codec.grammar import Fields, RefusedError, is_host

Read = TypeVar("Read")

NAMES = ["Host", "host", "Content-Length", "X", "X(Y)", "", "X ", "Origin"]
VALUES = ["a", " a:80 ", "\t", "", "5", "05", "a b", "\x01", "é", "[::1]", "localhost:"]
LINES = st.builds("{}{}{}".format, *map(st.sampled_from, (NAMES, [":", ": ", ""], VALUES)))
BLOCKS = st.lists(LINES, max_size=5) | st.lists(st.just("X: y"), min_size=99, max_size=102)
METHODS = ["GET", "OPTIONS", "M-SEARCH", "G(T"]
TARGETS = ["/", "/a?b?c", "//a", "*", "#", "a", "http://a", "https://a:1/b?c", "HTTP://[::1]/"]
VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "http/1.1", "\x7f", "é"]
WORDS = st.lists(st.sampled_from(METHODS + TARGETS + VERSIONS) | st.text(max_size=3), max_size=4)
RIGHT_WORDS = st.tuples(*map(st.sampled_from, (METHODS, TARGETS, VERSIONS)))


def outcome(read: Callable[[], Read]) -> Read | int:
    """The result, or the status of the refusal."""
    try:
        return read()
    except RefusedError as refused:
        return refused.status


def by_line(block: bytes) -> dict[str, str]:
    found = Fields()
    for line in block.split(b"\r\n") if block else ():
        found.add(line)
    return found


@given(BLOCKS)
def test_fields_are_the_same_at_once_and_line_by_line(lines: list[str]) -> None:
    block = "\r\n".join(lines).encode("latin-1")
    assert outcome(lambda: dict(grammar.fields(block))) == outcome(lambda: by_line(block))


@given(WORDS | RIGHT_WORDS)
def test_a_request_line_is_the_same_on_the_fast_and_the_slow_path(words: Sequence[str]) -> None:
    line = " ".join(words).encode()
    short = outcome(lambda: grammar.request_line(line))
    assert short == outcome(lambda: grammar._rare_request_line(line))


HOSTS = ["a", "a:", "a:80", "a-b.c_d~", "127.0.0.1:80", "[::1]", "[::ffff:1.2.3.4]:80", "%c3%a9"]
NO_NAMES = ["", ":80", "a b", "a/b", "a?b", "a#b", "a@b", "a,b", "a\n", "a\t", "%", "%zz", "é"]
NO_PORTS = ["a:b", "a:80:80", "a:-1", "a:000080", "a:²"]
NO_ADDRESSES = ["[::1", "::1", "[a]", "[]", "[::1]a", "[1:2]"]


@pytest.mark.parametrize("host", HOSTS)
def test_valid_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize("host", NO_NAMES + NO_PORTS + NO_ADDRESSES)
def test_invalid_hosts(host: str) -> None:
    assert not is_host(host)
