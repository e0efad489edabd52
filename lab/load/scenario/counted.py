"""What a run stores of a load: the counts of its handshakes, answers, deliveries, and of the whole.

Where a figure of the lab's own transports means the same, it has the same name here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from lab.load.open_loop.load import Latency
from lab.load.scenario.outcome import Outcome
from lab.measure import histogram
from lab.measure.figures import Counts, Workload, count
from lab.measure.figures.scenario import EXPERIMENT
from lab.measure.process import CpuUse
from lab.scenario import Scenario

MOST_CLOSED = 5
"""How many of the connections that ended are listed with the reason."""
Mask = Callable[[str], str]
"""Hides the secrets in a text."""


def counts(scenario: Scenario, found: Outcome, mask: Mask) -> Iterator[Counts]:
    """The counts of one pass."""
    name = scenario.name
    yield _handshake(name, "connect", found.connects, found.connecting)
    if any(step.answer is not None for step in scenario.setup):
        yield _handshake(name, "join", found.setups, found.connecting)
    workload = Workload(transport=name, experiment=EXPERIMENT, measure="load", client="raw")
    for measure, latency in (("answer", found.answer), ("delivery", found.delivery)):
        if latency is not None:
            yield _timed(msgspec.structs.replace(workload, measure=measure), found, latency)
    if found.answer is not None and found.alone:
        rtt = Workload(transport=name, experiment="latency", measure="rtt", client="raw")
        yield _timed(rtt, found, found.answer)
    whole = _counted(workload, found)
    yield msgspec.structs.replace(whole, detail=detail(found, mask))


def detail(found: Outcome, mask: Mask) -> dict[str, Any]:
    """The whole of a load in a run; results/README.md documents it."""
    audit = found.audit
    return {
        "rate_per_s": found.load.rate,
        "sent_per_s": found.sent_per_s,
        "goodput_per_s": found.goodput_per_s,
        "messages": audit.messages,
        "deliveries": audit.expected,
        "answers_lost": audit.answers_lost,
        "deliveries_lost": audit.lost,
        "doubled": audit.doubled + audit.answers_doubled,
        "stray": audit.stray,
        "unfinished": found.unfinished,
        "missing": None if found.missing is None else mask(found.missing),
        "closed": [mask(each) for each in found.closed[:MOST_CLOSED]],
        "connections_closed": len(found.closed),
        "ended": found.ended,
        "offering_ns": found.offering_ns,
        "late_p99_ns": found.late_p99_ns,
        "load_bound": found.load_bound,
        "other_messages": found.others,
    }


def _handshake(name: str, measure: str, samples_ns: list[int], use: CpuUse) -> Counts:
    workload = Workload(transport=name, experiment="handshake", measure=measure, client="raw")
    done = len(samples_ns)
    return count(workload, use, samples_ns, expected=done, delivered=done)


def _counted(workload: Workload, found: Outcome) -> Counts:
    audit = found.audit
    answers = audit.messages if found.answer is not None else 0
    expected = audit.expected + answers
    made = count(workload, found.cpu, (), expected=expected, delivered=expected - found.lost)
    return msgspec.structs.replace(made, operations=audit.messages, void=found.void)


def _timed(workload: Workload, found: Outcome, latency: Latency) -> Counts:
    detail: dict[str, Any] = {"load_bound": found.load_bound}
    if found.load.rate is not None and latency.uncorrected.count:
        p50_ns, p99_ns = latency.uncorrected.percentiles_ns([50, 99])
        detail |= {"uncorrected_p50_ns": p50_ns, "uncorrected_p99_ns": p99_ns}
        detail["uncorrected_hdr"] = histogram.encode(latency.uncorrected)
    made = _counted(workload, found)
    samples = histogram.encode(latency.corrected) if latency.corrected.count else None
    return msgspec.structs.replace(made, samples_hdr=samples, detail=detail)
