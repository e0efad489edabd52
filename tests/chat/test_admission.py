"""What is refused at the door: names, texts, pace."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat import names
from lab.chat.admission import Pace, RefusedError, TokenBucket, check_names, check_text
from lab.chat.commands import Join
from lab.chat.effects import Member
from lab.chat.limits import UNPACED, Limits

any_text = st.text(st.characters(), max_size=40)  # lone surrogates included


@given(any_text)
def test_a_name_is_let_through_only_if_it_can_be_shown_on_one_line(name: str) -> None:
    try:
        check_names(Limits(), Join(0, "lab", name))
    except RefusedError as refusal:
        assert refusal.code == "bad_name"
    else:
        assert 1 <= len(name) <= 32
        assert name == name.strip()
        assert names.is_shown(name)


@given(any_text, st.integers(0, 50))
def test_a_text_is_let_through_if_its_utf_8_fits(text: str, most: int) -> None:
    try:
        check_text(Limits(text_bytes=most), text)
    except RefusedError as refusal:
        whole = text.encode(errors="surrogatepass")
        carried = text.encode(errors="ignore")
        assert refusal.code == ("text_too_long" if whole == carried else "bad_command")
        assert len(whole) > most or whole != carried
    else:
        assert len(text.encode()) <= most


steps_ms = st.lists(st.integers(0, 3000), max_size=60)


@given(st.integers(1, 50), st.integers(1, 20), steps_ms)
def test_no_window_lets_more_through_than_burst_and_rate(
    per_s: int, burst: int, waits_ms: list[int]
) -> None:
    bucket = TokenBucket(per_s, burst)
    taken_ms: list[int] = []
    now_ms = 0
    for wait_ms in waits_ms:
        now_ms += wait_ms
        if bucket.take(now_ms):
            taken_ms.append(now_ms)
    for first, start_ms in enumerate(taken_ms):
        for last, end_ms in enumerate(taken_ms[first:], first):
            assert (last - first + 1) * 1000 <= burst * 1000 + per_s * (end_ms - start_ms)


@given(st.integers(1, 50), st.integers(1, 20), steps_ms)
def test_every_command_that_the_pace_allows_is_let_through(
    per_s: int, burst: int, waits_ms: list[int]
) -> None:
    bucket, tokens = TokenBucket(per_s, burst), Fraction(burst)
    now_ms = 0
    assert bucket.take(now_ms)
    tokens -= 1
    for wait_ms in waits_ms:
        now_ms += wait_ms
        tokens = min(Fraction(burst), tokens + Fraction(per_s * wait_ms, 1000))
        assert bucket.take(now_ms) == (tokens >= 1)
        tokens -= tokens >= 1


@pytest.mark.parametrize("per_s", [1, 2, 5, 10])
def test_tenths_add_up(per_s: int) -> None:
    bucket = TokenBucket(per_s, 1)
    assert bucket.take(0)
    assert [tenth for tenth in range(1, 11) if bucket.take(tenth * 100)][-1] == 10


def test_a_clock_that_steps_back_gives_nothing_and_takes_nothing() -> None:
    bucket = TokenBucket(1, 2)
    assert bucket.take(10_000)
    assert bucket.take(5_000)
    assert not bucket.take(5_999)
    assert bucket.take(6_000)


def test_a_long_pause_gives_no_more_than_the_burst() -> None:
    bucket = TokenBucket(1000, 3)
    assert [bucket.take(10**9) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(10**12) for _ in range(4)] == [True, True, True, False]


def test_pace_is_each_members_own_and_forgotten_with_it() -> None:
    pace = Pace(Limits(commands_per_s=1, command_burst=1))
    pace.check(Member(1), 0)
    pace.check(Member(2), 0)
    with pytest.raises(RefusedError, match="at most 1 commands a second") as refusal:
        pace.check(Member(1), 0)
    assert refusal.value.code == "too_fast"
    pace.forget(Member(1))
    pace.forget(Member(3))
    pace.check(Member(1), 0)


def test_an_answer_is_charged_to_the_member_that_it_goes_to() -> None:
    pace = Pace(Limits(commands_per_s=1, command_burst=3))
    pace.check(Member(1), 0)
    pace.check(Member(2), 0)
    pace.charge(Member(1), 29)
    pace.check(Member(2), 0)
    with pytest.raises(RefusedError):
        pace.check(Member(1), 0)
    pace.check(Member(1), 1000)


def test_unpaced_lets_everything_through() -> None:
    pace = Pace(UNPACED)
    for _ in range(UNPACED.command_burst + 1):
        pace.check(Member(1), 0)
    pace.forget(Member(1))
