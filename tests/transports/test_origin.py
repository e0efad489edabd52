"""Which Origin may connect: no browser, a list, or the same host."""

from __future__ import annotations

import pytest

from transports._origin import allowed

LIST = ("https://a.example", "http://localhost:3000")


@pytest.mark.parametrize(
    ("origin", "host", "origins", "expected"),
    [
        # No Origin: no browser.
        (None, "a.example", None, True),
        (None, None, None, True),
        (None, "a.example", LIST, True),
        (None, "a.example", (), True),
        # Without a list: the page's host is the one that it connects to, port and all.
        ("http://a.example", "a.example", None, True),
        ("https://a.example", "a.example", None, True),
        ("http://a.example:8000", "a.example:8000", None, True),
        ("http://[::1]:8000", "[::1]:8000", None, True),
        ("http://a.example:8000", "a.example", None, False),
        ("http://a.example", "a.example:8000", None, False),
        ("http://a.example:8001", "a.example:8000", None, False),
        ("http://b.example", "a.example", None, False),
        ("http://a.example.evil", "a.example", None, False),
        ("http://evil-a.example", "a.example", None, False),
        ("http://evil.example@a.example", "a.example", None, False),
        ("http://a.example@evil.example", "a.example", None, False),
        ("http://evil.example/a.example", "a.example", None, False),
        ("http://evil.example#a.example", "a.example", None, False),
        ("a.example", "a.example", None, False),
        ("null", "a.example", None, False),
        ("", "a.example", None, False),
        # Two that are empty are not the same host.
        ("null", "", None, False),
        ("", "", None, False),
        ("", None, None, False),
        ("file://", "", None, False),
        ("http://a.example", None, None, False),
        # With a list: what is on it, letter by letter, and nothing else.
        ("https://a.example", "elsewhere", LIST, True),
        ("http://localhost:3000", "elsewhere", LIST, True),
        ("http://a.example", "elsewhere", LIST, False),
        ("https://a.example/", "elsewhere", LIST, False),
        ("https://a.example:443", "elsewhere", LIST, False),
        ("https://b.a.example", "elsewhere", LIST, False),
        ("http://elsewhere", "elsewhere", LIST, False),
        ("http://a.example", "a.example", (), False),
        ("null", "a.example", LIST, False),
        ("", "a.example", LIST, False),
    ],
)
def test_allowed(
    origin: str | None, host: str | None, origins: tuple[str, ...] | None, expected: bool
) -> None:
    assert allowed(origin, host, origins) is expected


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://a]", "http://[x]:1"])
def test_an_origin_that_no_parser_can_read_is_refused(origin: str) -> None:
    assert allowed(origin, "a.example", None) is False
