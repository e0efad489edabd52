"""The profiles' sizes, and what each pass of a run measures."""

from __future__ import annotations

import pytest

from lab.load.profiles import EXPERIMENTS, PROFILES, Profile, repeat, steps
from lab.load.texts import incompressible


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_profile_measures_something_everywhere(profile: Profile) -> None:
    sizes = (profile.passes, profile.handshakes, profile.round_trips, profile.room_messages)
    assert min(*sizes, profile.rounds, *profile.fan_out_messages.values()) > 0
    assert set(profile.experiments) <= set(EXPERIMENTS)
    # A window larger than the batch would not be one.
    assert profile.window <= min(profile.fan_out_messages.values())
    assert incompressible(profile.payload_bytes, profile.round_trips)


def test_what_is_timed_is_repeated_and_what_is_counted_is_not() -> None:
    once = [name for name, each in EXPERIMENTS.items() if each.once]
    timed = [name for name, experiment in EXPERIMENTS.items() if not experiment.once]
    assert steps(tuple(timed), 3) == [tuple(timed)] * 3
    alone = [(name,) for name in once]
    assert steps(tuple(once), 3) == alone
    assert steps((*once, *timed), 2) == [tuple(timed), tuple(timed), *alone]
    assert steps((), 3) == []


def test_what_is_counted_beside_others_may_be_repeated_by_itself() -> None:
    repeated = tuple(name for name, each in EXPERIMENTS.items() if each.repeats)
    assert repeat(repeated)
    assert steps(repeated, 3) == [repeated] * 3
    assert not repeat((*repeated, "latency"))
    assert not repeat(("memory",))
