"""Checks that run before any state changes: names, length of texts, pace of commands."""

from __future__ import annotations

from lab.chat import names
from lab.chat.commands import Join
from lab.chat.effects import Member
from lab.chat.events import Code
from lab.chat.limits import Limits


class RefusedError(Exception):
    """The room refuses the command. Raised before any state changes."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code: Code = code


def check_names(limits: Limits, command: Join) -> None:
    """Refuse a name of a room or member that is empty, too long, not printable, blank or padded."""
    for what, name, most in (
        ("room", command.room, limits.room_chars),
        ("name", command.name, limits.name_chars),
    ):
        if not 1 <= len(name) <= most:
            raise RefusedError("bad_name", f"a {what} has 1 to {most} characters")
        if not names.is_shown(name):
            raise RefusedError("bad_name", f"a {what} is printable, without spaces around it")


def check_text(limits: Limits, text: str) -> None:
    """Refuse a text longer than the limit in UTF-8, or one that UTF-8 can't carry."""
    try:
        text_bytes = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        raise RefusedError("bad_command", "a text has no lone surrogates") from None
    if text_bytes > limits.text_bytes:
        raise RefusedError("text_too_long", f"at most {limits.text_bytes} bytes of UTF-8")


ENTRIES_PER_TOKEN = 10
"""A reply costs one token for every ten entries in it, rounded down."""


class Pace:
    """Limits the commands per second of each member, with one token bucket each."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: dict[Member, TokenBucket] = {}

    def check(self, member: Member, now_ms: int) -> None:
        """Take a token for any input of a member. Raise RefusedError if there is none."""
        per_s = self._limits.commands_per_s
        if per_s is None:
            return
        if member not in self._buckets:
            self._buckets[member] = TokenBucket(per_s, self._limits.command_burst)
        if not self._buckets[member].take(now_ms):
            raise RefusedError("too_fast", f"at most {per_s} commands a second")

    def charge(self, member: Member, entries: int) -> None:
        """Take the tokens for a reply with `entries` entries, besides the token of its command."""
        if member in self._buckets:
            self._buckets[member].owe(entries // ENTRIES_PER_TOKEN)

    def forget(self, member: Member) -> None:
        """Forget a member that is gone."""
        self._buckets.pop(member, None)


class TokenBucket:
    """A token bucket: `burst` commands at once, then `per_s` a second.

    The caller brings the time, in milliseconds from any fixed point. A clock that steps back
    neither adds nor removes tokens.
    """

    def __init__(self, per_s: int, burst: int) -> None:
        # In thousandths of a token, because integers are exact: 0.1 added ten times is not 1.
        self._per_ms = per_s
        self._full = self._left = burst * 1000
        self._at_ms: int | None = None

    def take(self, now_ms: int) -> bool:
        """Take one token. False: there is none."""
        elapsed_ms = 0 if self._at_ms is None else max(0, now_ms - self._at_ms)
        self._at_ms = now_ms
        self._left = min(self._full, self._left + elapsed_ms * self._per_ms)
        if self._left < 1000:
            return False
        self._left -= 1000
        return True

    def owe(self, tokens: int) -> None:
        """Take tokens, into debt if need be. `take` fails until the debt is paid."""
        self._left -= tokens * 1000
