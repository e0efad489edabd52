"""Handshake, latency and throughput of a server by its scenario, as of the lab's own transports.

A figure is made only where it means the same: the RTT needs an answer, and the time until the last
of a room has a message needs a sender that gets its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import msgspec

from lab.load.open_loop.load import Latency
from lab.load.profiles import Profile
from lab.load.scenario.links import Site
from lab.load.scenario.messages import Scope
from lab.load.scenario.outcome import Outcome
from lab.load.scenario.run import Watching, handshakes, run
from lab.load.scenario.server import TreeMeter
from lab.measure import histogram
from lab.measure.figures import Counts, Workload, count
from lab.scenario import Load, Scenario

ROOM = 10
WARM_UP = 400
"""Messages in a room before anything is measured: some languages compile what runs often."""
ROOMS = (10, 100)


def benchmarks(
    scenario: Scenario, site: Site, pid: int | None, sizes: Profile, seed: int
) -> Iterator[Counts]:
    """Everything that can be measured of one server in a pass. `pid`: of the server, if known.

    Raises:
        TargetError: a client can't connect.
    """
    return _Bench(scenario, site, pid, sizes, seed).benchmarks()


def left_out(scenario: Scenario) -> list[str]:
    """What can't be measured by this scenario, and why, one sentence each."""
    found = []
    if scenario.answer is None:
        found.append("RTT: the scenario has no answer")
    if not _fans_out(scenario):
        found.append("throughput, and until the last of a room has it: there is no broadcast")
    elif not Scope(scenario).includes_sender:
        found.append("until the last of a room has it: the sender gets no copy")
    return found


def _fans_out(scenario: Scenario) -> bool:
    return scenario.broadcast is not None


class _Bench:
    """One server in one pass."""

    def __init__(
        self, scenario: Scenario, site: Site, pid: int | None, sizes: Profile, seed: int
    ) -> None:
        self._scenario = scenario
        self._site = site
        self._pid = pid
        self._sizes = sizes
        self._seed = seed

    def benchmarks(self) -> Iterator[Counts]:
        self._load(clients=ROOM, in_flight=self._sizes.window, messages=WARM_UP)
        yield from self._handshake()
        if self._scenario.answer is not None:
            yield self._rtt()
        if _fans_out(self._scenario):
            if Scope(self._scenario).includes_sender:
                yield self._last_of_room()
            for room in ROOMS:
                yield self._throughput(room)

    def _load(self, **load: Any) -> Outcome:
        """One sender, in one room."""
        self._seed += 1
        made = Load(senders=1, timeout=self._scenario.load.timeout, **load)
        scenario = msgspec.structs.replace(self._scenario, load=made)
        return run(scenario, self._site, self._seed, Watching(meter=TreeMeter(self._pid)))

    def _workload(self, experiment: str, measure: str, **sizes: int) -> Workload:
        name = self._scenario.name
        return Workload(
            transport=name, experiment=experiment, measure=measure, client="raw", **sizes
        )

    def _handshake(self) -> Iterator[Counts]:
        meter, many = TreeMeter(self._pid), self._sizes.handshakes * self._sizes.rounds
        meter.start()
        connects, setups = handshakes(self._scenario, self._site, many, self._seed)
        use = meter.stop()
        if self._scenario.setup:  # its CPU can't be told apart from that of connecting
            use = dataclasses.replace(use, server_cpu_ns=None)
        answered = any(step.answer is not None for step in self._scenario.setup)
        for measure, samples in (("connect", connects), ("join", setups if answered else [])):
            if samples:
                workload = self._workload("handshake", measure)
                yield count(workload, use, samples, expected=many, delivered=many)

    def _rtt(self) -> Counts:
        many, before = self._sizes.round_trips * self._sizes.rounds, self._sizes.round_trips
        found = self._load(clients=1, messages=many, warmup=before)
        answered = found.audit.messages - found.audit.answers_lost
        workload = self._workload("latency", "rtt")
        return _counts(workload, found, found.answer, found.audit.messages, answered)

    def _last_of_room(self) -> Counts:
        many, before = self._sizes.room_messages * self._sizes.rounds, self._sizes.room_messages
        found = self._load(clients=ROOM, messages=many, warmup=before)
        workload = self._workload("latency", "last_delivery", room_size=ROOM, window=1)
        return _delivered(workload, found)

    def _throughput(self, room: int) -> Counts:
        each, window = self._sizes.fan_out_messages[room], self._sizes.window
        clients = room + (not Scope(self._scenario).includes_sender)
        many = each * self._sizes.rounds
        found = self._load(clients=clients, in_flight=window, messages=many, warmup=each)
        workload = self._workload("throughput", "fan_out", room_size=room, window=window)
        return _delivered(workload, found)


def _delivered(workload: Workload, found: Outcome) -> Counts:
    return _counts(workload, found, found.delivery, found.audit.expected, found.audit.delivered)


def _counts(
    workload: Workload, found: Outcome, latency: Latency | None, expected: int, delivered: int
) -> Counts:
    made = count(workload, found.cpu, (), expected=expected, delivered=delivered)
    samples = latency.corrected if latency is not None and latency.corrected.count else None
    return msgspec.structs.replace(
        made,
        operations=found.audit.messages,
        samples_hdr=histogram.encode(samples) if samples is not None else None,
        void=found.void,
    )
