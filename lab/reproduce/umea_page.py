"""Formats the output of `lab reproduce umea`: each sentence of the study, and what was measured."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median

import msgspec
from rich.table import Table

from lab.load.lost_packet import WAITS
from lab.measure.figures.loss import ONE_WAY_MS
from lab.measure.stats import FEWEST_PASSES, Comparison, paired_ratio
from lab.measure.threshold import MOST_PASSES, Placed, Side, place
from lab.report.model.formatting import number, ratio
from lab.reproduce.tables import table
from lab.reproduce.umea import (
    ALONE,
    CASES,
    PERCENTS,
    TOGETHER,
    WEBSOCKET,
    WEBTRANSPORT,
    Case,
    Redone,
)

FASTER = 1.0
"""A ratio of times below it is an advantage, if its interval shows it."""
HOLDS, DOES_NOT_HOLD, IN_PART = "holds", "does not hold", "holds in part"
UNDECIDED, NOT_MEASURED = "undecided: more passes", "not measured"
NAMES = {ALONE: "alone", TOGETHER: f"{TOGETHER} at once"}


class Judged(msgspec.Struct, frozen=True):
    """A sentence of the study, its verdict, and the figures that decide."""

    sentence: str
    verdict: str
    because: str


def times(done: Redone) -> Table:
    """Return a table of all round trips: medians over passes, and the ratio of the means."""
    made = table(
        f"Round trip of a message, ms: alone, or {TOGETHER} at once in {TOGETHER} rooms",
        *("lost", "Web-\nSocket", "", "", "Web-\nTransport", "", "", "ratio of means"),
    )
    made.add_row("", *("p50", "p99", "mean") * 2, "[95 %]", style="dim")
    for at_once, name in NAMES.items():
        made.add_row(name, style="bold")
        for percent in PERCENTS:
            made.add_row(f"  {percent} %", *_row(done, (at_once, percent)))
    return made


def _row(done: Redone, case: Case) -> Iterator[str]:
    for label in (WEBSOCKET, WEBTRANSPORT):
        passes = done.trips[case][label]
        for name in ("p50", "p99", "mean"):
            yield number(median(getattr(each, name) for each in passes))
    yield ratio(mean_ratio(done, case))


def mean_ratio(done: Redone, case: Case) -> Comparison:
    """WebTransport's mean round trip as a multiple of WebSocket's, pass by pass."""
    ours, theirs = (
        [each.mean for each in done.trips[case][label]] for label in (WEBTRANSPORT, WEBSOCKET)
    )
    return _ratio(ours, theirs)


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    return paired_ratio(ours, theirs, lower_is_better=True, seed=0)


def judged(done: Redone) -> Iterator[Judged]:
    """Yield the sentences of the abstract that compare the two, with what holds of each."""
    yield _faster(
        done,
        "WebTransport (reliable) has a significant advantage in the round trip of a message "
        "where the network is not perfect.",
        [case for case in CASES if case[0] == ALONE and case[1] > 0],
    )
    yield _faster(
        done,
        "With multiplexed messages, WebTransport has significant benefits.",
        [case for case in CASES if case[0] == TOGETHER],
    )
    yield _blocking(done)
    yield Judged(
        "WebTransport (unreliable) has a slightly lower latency, and loses some data.",
        NOT_MEASURED,
        "A room loses no message, and Socket.IO sends none by datagrams.",
    )


def _faster(done: Redone, sentence: str, cases: Sequence[Case]) -> Judged:
    """Judge whether the mean is shorter on WebTransport in each of the cases."""
    ratios = [mean_ratio(done, case) for case in cases]
    figures = [f"{ratio(each)} at {case[1]} %" for each, case in zip(ratios, cases, strict=True)]
    said = f"Its mean, against WebSocket's: {', '.join(figures)} loss."
    return _judged(sentence, [(each, FASTER) for each in ratios], said)


def _blocking(done: Redone) -> Judged:
    """Judge whether a message waits less behind another room's lost packet, and whether at all."""
    ours, theirs = ([each.lost for each in done.behind[it]] for it in (WEBTRANSPORT, WEBSOCKET))
    free = median(each.none for each in done.behind[WEBTRANSPORT])
    shorter, ways = _ratio(ours, theirs), _ratio(ours, [ONE_WAY_MS] * len(ours))
    waits = place(ways, WAITS).side is Side.ABOVE
    return _judged(
        "WebTransport mitigates head-of-line blocking more effectively.",
        [(shorter, FASTER), (ways, WAITS)],
        f"Behind another room's lost packet a message takes {number(median(ours))} ms, "
        f"{ratio(shorter)} of WebSocket's; {number(free)} ms if nothing is lost."
        + (" It waits all the same: both rooms are on one stream." if waits else ""),
    )


def _judged(sentence: str, compared: Sequence[tuple[Comparison, float]], figures: str) -> Judged:
    """Judge a sentence that holds where every ratio is below its threshold."""
    placed = [place(each, threshold) for each, threshold in compared]
    sides = {each.side for each in placed}
    if sides >= {Side.ABOVE, Side.BELOW}:
        verdict = IN_PART
    elif Side.UNDECIDED in sides:
        verdict = UNDECIDED
        figures = f"{figures} {_needed(placed, min(each.passes for each, _ in compared))}"
    else:
        verdict = HOLDS if Side.BELOW in sides else DOES_NOT_HOLD
    return Judged(sentence, verdict, figures)


def _needed(placed: Collection[Placed], passes: int) -> str:
    """How many passes may decide what is undecided."""
    if passes < FEWEST_PASSES:
        return f"There is an interval from {FEWEST_PASSES} passes on."
    most = max(each.passes for each in placed)
    if most > MOST_PASSES:
        return f"More than {MOST_PASSES:,} passes would be needed."
    return f"About {most:,} passes may decide it."


def verdicts(done: Redone) -> Table:
    """Return a table with a row for each sentence of the study."""
    made = table("What the study says, and what holds here", "it says", "verdict", "measured")
    for column in made.columns:
        column.justify, column.ratio = "left", 1
    for each in judged(done):
        made.add_row(each.sentence, each.verdict, each.because)
        made.add_section()
    return made


def differences() -> Iterator[str]:
    """Yield how the lab measures, and what of the study it does not have."""
    yield (
        f"The link: {2 * ONE_WAY_MS} ms of round trip; each direction loses its share of packets, "
        "by the same chance on both. The study's network is not known beyond its losses."
    )
    yield (
        "Both are over TLS, because WebTransport always is. Server and client are in Python: QUIC "
        "is in the program, and TCP in the kernel. The study's client was a browser."
    )
    yield (
        "An advantage is a ratio whose 95 % interval over passes ends below 1. The mean has "
        "the slowest messages in it, and p50 has not."
    )
