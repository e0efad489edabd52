"""Runs a scenario against a target: in a closed loop, or at an offered rate."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from lab.load.open_loop import schedule
from lab.load.raw.exchange import RawError
from lab.load.scenario.client import Client
from lab.load.scenario.crowd import SECOND_NS, Crowd, OnProgress
from lab.load.scenario.links import Site
from lab.load.scenario.messages import Messages, first_id
from lab.load.scenario.outcome import Ended, Outcome, outcome
from lab.load.scenario.plan import Plan
from lab.measure.clock import now_ns
from lab.measure.process import CpuMeter, CpuUse, Meter
from lab.scenario import Scenario

LOOK_S = 0.05
"""How often a load looks whether it is over, and tells its progress."""
DURATION_S = 10.0
"""How long a load takes that says neither `messages` nor `duration`."""


def no_progress(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


def never() -> bool:
    """Nobody interrupts."""
    return False


@dataclass
class Watching:
    """What a load tells and asks while it runs.

    `interrupted`: whether to stop and keep what is measured. `meter`: of the load's CPU, and of the
    target's where that is known.
    """

    progress: OnProgress = no_progress
    interrupted: Callable[[], bool] = never
    meter: Meter = field(default_factory=lambda: CpuMeter(os.getpid()))


def run(scenario: Scenario, site: Site, seed: int, watching: Watching | None = None) -> Outcome:
    """Connect all clients, send, await what is missing, close. `scenario` has no secrets hidden.

    Raises:
        TargetError: a client can't connect, or its setup is not answered.
    """
    watching = watching or Watching()
    plan = Plan(scenario, seed)
    messages = Messages(plan.scope, answered=scenario.answer is not None, base=first_id(seed))
    watching.meter.start()
    with Crowd(plan, messages, site, watching.progress) as crowd:
        connecting = watching.meter.stop()
        return _Run(plan, messages, crowd, seed, watching).run(connecting)


def handshakes(
    scenario: Scenario, site: Site, count: int, seed: int
) -> tuple[list[int], list[int]]:
    """Connect and close, one client after the other. Returns the times in ns; see `Outcome`.

    Raises:
        TargetError: a client can't connect, or its setup is not answered.
    """
    load = msgspec.structs.replace(scenario.load, clients=1, rooms=1, senders=1)
    alone = msgspec.structs.replace(scenario, load=load)
    found = []
    for number in range(count):
        plan = Plan(alone, seed + number)
        messages = Messages(plan.scope, answered=False, base=first_id(seed))
        with Crowd(plan, messages, site, no_progress) as crowd:
            found.append(crowd.clients[0])
    return [each.connect_ns for each in found], [each.setup_ns for each in found]


class _Run:
    """One load. Its clients are connected."""

    def __init__(
        self, plan: Plan, messages: Messages, crowd: Crowd, seed: int, watching: Watching
    ) -> None:
        self._load = plan.scenario.load
        self._messages = messages
        self._crowd = crowd
        self._watching = watching
        self._seed = seed
        self._timeout_ns = int(self._load.timeout * SECOND_NS)
        self._sending = True
        self._free: Counter[Client] = Counter()
        """How many messages each client may send now, in a closed loop."""
        self._budget = 0
        self._end_ns: int | None = None
        self._looked_ns = 0
        self._first = 0
        self._started_ns = 0
        self._ended: Ended | None = None

    def run(self, connecting: CpuUse) -> Outcome:
        """Send everything, and wait for everything."""
        load, messages = self._load, self._messages
        if load.warmup:
            self._closed(load.warmup, None)
        self._first = messages.count
        self._ended = self._ended or self._overdue()
        self._started_ns = now_ns()
        self._watching.meter.start()
        if self._ended is None:
            if load.rate is None:
                self._closed(load.messages, load.duration)
            else:
                self._open(load.rate, load.duration or DURATION_S)
        offering_ns = now_ns() - self._started_ns
        self._drain()
        self._settle()
        cpu = self._watching.meter.stop()
        return outcome(
            self._crowd.clients,
            messages,
            load,
            first=self._first,
            started_ns=self._started_ns,
            offering_ns=offering_ns,
            ended=self._ended,
            connecting=connecting,
            cpu=cpu,
            now_ns=now_ns(),
        )

    # A closed loop

    def _closed(self, budget: int | None, duration_s: float | None) -> None:
        """Each sender sends its next message when one of its own is complete."""
        if budget is None and duration_s is None:
            duration_s = DURATION_S
        self._budget = self._messages.count + budget if budget is not None else 1 << 62
        begun = now_ns()
        self._end_ns = begun + int(duration_s * SECOND_NS) if duration_s else None
        self._sending = True
        self._messages.on_complete = self._next
        for client in self._senders():
            self._free[client] = self._load.window
        self._say()
        while self._messages.pending and not self._is_over(begun, budget, duration_s):
            self._crowd.turn(LOOK_S)
            self._say()
        self._sending = False

    def _next(self, number: int) -> None:
        if self._sending:
            self._free[self._crowd.clients[self._messages.senders[number]]] += 1

    def _say(self) -> None:
        """Let each sender send as many messages as were completed since, in one write."""
        due = self._end_ns is None or now_ns() < self._end_ns
        for client, count in self._free.items():
            allowed = min(count, self._budget - self._messages.count) if due else 0
            if allowed > 0 and client.closed is None:
                self._send(client, 0, allowed)
        self._free.clear()

    # An open loop

    def _open(self, rate_per_s: float, duration_s: float) -> None:
        """Send each message when it is due, whatever has returned."""
        begun = now_ns()
        clients = self._senders()
        for slot in self._slots(rate_per_s, duration_s):
            due_ns = begun + slot.due_ns
            while (now := now_ns()) < due_ns:
                if self._is_over(begun, None, duration_s):
                    return
                self._crowd.wait(min((due_ns - now) / SECOND_NS, LOOK_S))
                self._crowd.turn(0)
            self._send(clients[slot.sender], due_ns)
            # A late load still has to read, or it would never hear of what it has sent.
            if self._messages.count % 64 == 0:
                self._crowd.turn(0)
                if self._is_over(begun, None, duration_s):
                    return

    def _slots(self, rate_per_s: float, duration_s: float) -> Iterator[schedule.Slot]:
        load = self._load
        due = schedule.intended(load.arrivals, rate_per_s, duration_s, self._seed)
        return schedule.deal(due, load.speaking, load.rooms)

    # What both share

    def _senders(self) -> list[Client]:
        return self._crowd.clients[: self._load.speaking]

    def _send(self, client: Client, due_ns: int, count: int = 1) -> None:
        """Send, or note that a client that has gone would have sent."""
        if client.closed is not None:
            self._messages.send(client.number, due_ns, now_ns())
            return
        try:
            client.send(due_ns, count)
        except RawError as error:
            self._crowd.end(client, error)

    def _is_over(self, begun_ns: int, budget: int | None, duration_s: float | None) -> bool:
        """Whether the load has to end early. Looks, and tells the progress, now and then."""
        now = now_ns()
        if now - self._looked_ns < LOOK_S * SECOND_NS:
            return False
        self._looked_ns = now
        if budget is not None:
            done = self._messages.count - (self._budget - budget)
            self._watching.progress("sending", done, budget)
        elif duration_s is not None:
            elapsed_s = int((now - begun_ns) / SECOND_NS * 10)
            self._watching.progress("sending", elapsed_s, int(duration_s * 10))
        self._ended = self._ended or self._why_over()
        return self._ended is not None

    def _why_over(self) -> Ended | None:
        if self._watching.interrupted():
            return "interrupted"
        if not self._crowd.open:
            return "closed"
        # In a closed loop nothing is sent instead of a lost message; an open one goes on.
        return self._overdue() if self._load.rate is None else None

    def _overdue(self) -> Ended | None:
        oldest = self._messages.oldest_ns()
        late = oldest is not None and now_ns() - oldest > self._timeout_ns
        return "overdue" if late else None

    def _settle(self) -> None:
        """Read what is still on its way, where copies too many were taken for awaited deliveries.

        While it runs, the load counts the copies of a message and not whose they are.
        """
        messages, clients = self._messages, self._crowd.clients
        if self._ended is not None or not messages.count:
            return
        everything = np.ones(messages.count, dtype=bool)
        end_ns = messages.sent_ns[-1] + self._timeout_ns
        while now_ns() < end_ns and self._crowd.open:
            audit = messages.audit([bytes(client.log) for client in clients], everything)
            if not audit.lost or not audit.stray + audit.doubled:
                return
            self._crowd.turn(LOOK_S)

    def _drain(self) -> None:
        """Wait for what is missing, each message until its own time-out."""
        self._sending = False
        if self._ended is not None:
            return
        while (oldest := self._messages.oldest_ns()) is not None:
            left_ns = oldest + self._timeout_ns - now_ns()
            if left_ns <= 0:
                # The newest message decides: an older one that is lost must not hide it.
                left_ns = self._messages.sent_ns[-1] + self._timeout_ns - now_ns()
                if left_ns <= 0:
                    return
            if self._watching.interrupted():
                self._ended = "interrupted"
                return
            if not self._crowd.open:
                self._ended = "closed"
                return
            self._crowd.turn(min(left_ns / SECOND_NS, LOOK_S))
