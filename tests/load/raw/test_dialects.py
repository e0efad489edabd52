"""What the raw driver says and takes for an answer, in the words of each protocol."""

from __future__ import annotations

from lab.load.raw.dialects import Native


def test_no_text_is_a_greeting_where_the_protocol_has_none() -> None:
    native = Native()
    assert native.greeting is None
    assert not native.is_welcome(b"40")
