"""The bounded log: what it keeps, what it gives back, and what it knows by key."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat.events import Arrived, LoggedEvent, Message
from lab.chat.limits import Limits
from lab.chat.log import MemoryLog, Replay, RoomLog
from tests.chat.model import cost

NOW_MS = 1_700_000_000_000


def filled(count: int, limits: Limits | None = None) -> tuple[MemoryLog, list[LoggedEvent]]:
    log = MemoryLog(limits or Limits())
    said: list[LoggedEvent] = [Message("lab", seq, "ada", "x", 0) for seq in range(1, count + 1)]
    for event in said:
        log.append(event, f"k{event.seq}")
    return log, said


def test_it_is_a_room_log() -> None:
    log: RoomLog = MemoryLog(Limits())
    assert log.last_seq("lab") == 0


def test_a_room_never_heard_of_is_empty() -> None:
    log = MemoryLog(Limits())
    assert log.since("lab", 0) == Replay((), truncated=False)
    assert log.page("lab", None, 10) == []
    assert log.keyed("lab", "ada", "k") is None
    log.forget("lab")
    assert log.last_seq("lab") == 0


@given(
    count=st.integers(0, 12),
    kept=st.integers(0, 8),
    after=st.integers(0, 15) | st.integers(2**62, 2**66),
)
def test_since_is_all_that_is_newer_or_truncated(count: int, kept: int, after: int) -> None:
    log, said = filled(count, Limits(log_events=kept))
    wanted = tuple(event for event in said if event.seq > after)
    held = tuple(event for event in said[max(0, count - kept) :] if event.seq > after)
    assert log.since("lab", after) == Replay(held, truncated=held != wanted)


@given(
    count=st.integers(0, 12),
    kept=st.integers(0, 8),
    before=st.none() | st.integers(1, 15),
    limit=st.integers(1, 15),
)
def test_page_is_the_newest_before(count: int, kept: int, before: int | None, limit: int) -> None:
    log, said = filled(count, Limits(log_events=kept))
    held = said[max(0, count - kept) :]
    older = [event for event in held if before is None or event.seq < before]
    assert log.page("lab", before, limit) == older[-limit:]


@given(
    texts=st.lists(st.text(max_size=30), max_size=12),
    keys=st.lists(st.none() | st.text(max_size=9), min_size=12, max_size=12),
    log_bytes=st.integers(0, 4000),
)
def test_it_keeps_the_longest_end_that_fits_in_bytes(
    texts: list[str], keys: list[str | None], log_bytes: int
) -> None:
    log = MemoryLog(Limits(log_bytes=log_bytes))
    said = [Message("lab", seq, "a", text, 0) for seq, text in enumerate(texts, 1)]
    numbered = [None if key is None else f"{key}{seq}" for seq, key in enumerate(keys)]
    costs = [cost(event, key) for event, key in zip(said, numbered, strict=False)]
    for event, key in zip(said, numbered, strict=False):
        log.append(event, key)
    kept = list(log.since("lab", 0).events)
    gone = len(said) - len(kept)
    assert kept == said[gone:]
    assert sum(costs[gone:]) <= log_bytes
    assert gone == 0 or sum(costs[gone - 1 :]) > log_bytes
    assert log.last_seq("lab") == len(texts)


@pytest.mark.parametrize("key_of", [lambda _: None, str, lambda seq: f"{'😀' * 56}{seq:08}"])
@pytest.mark.parametrize("text", ["x", "x" * 700, "😀" + "x" * 200, "😀" + "x" * 65_000])
def test_it_takes_no_more_memory_than_it_counts(
    text: str, key_of: Callable[[int], str | None]
) -> None:
    limits = Limits()
    tracemalloc.start()
    try:
        log = MemoryLog(limits)
        for seq in range(1, limits.log_events + 1):
            log.append(Message("lab", seq, "ada", f"{text}{seq}", NOW_MS + seq), key_of(seq))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert limits.log_bytes / 10 < taken < limits.log_bytes * 1.01


@pytest.mark.parametrize(("seq", "known"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_key_is_known_as_long_as_its_message(seq: int, known: bool) -> None:
    log, said = filled(4, Limits(log_events=2))
    assert log.keyed("lab", "ada", f"k{seq}") == (said[seq - 1] if known else None)


def test_a_key_belongs_to_room_and_name() -> None:
    log, _ = filled(1)
    assert log.keyed("pub", "ada", "k1") is None
    assert log.keyed("lab", "bob", "k1") is None


def test_what_has_no_key_drops_out_like_the_rest() -> None:
    log = MemoryLog(Limits(log_events=1))
    log.append(Arrived("lab", "ada", 1))
    log.append(Arrived("lab", "bob", 2))
    assert log.since("lab", 0) == Replay((Arrived("lab", "bob", 2),), truncated=True)


def test_forget_drops_one_room_and_no_other() -> None:
    log, _ = filled(2)
    log.append(Arrived("pub", "ada", 1))
    log.forget("lab")
    assert (log.last_seq("lab"), log.last_seq("pub")) == (0, 1)
    assert log.keyed("lab", "ada", "k1") is None
    assert log.since("lab", 0) == Replay((), truncated=False)
