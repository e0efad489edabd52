"""What a load came to: its latencies, what was lost, and which side was the limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from lab.load.open_loop.load import LATE_NS, Latency, told
from lab.load.scenario.client import Client
from lab.load.scenario.messages import Audit, Messages
from lab.measure import histogram
from lab.measure.histogram import Histogram
from lab.measure.process import CpuUse
from lab.scenario import Load

Ended = Literal["interrupted", "closed", "overdue"]
"""Why a load ended before its time: Ctrl-C; no client was connected any more; a message of a closed
loop was not answered in time."""
SECOND_NS = 1_000_000_000


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A load, measured. Times are in ns.

    `connects` and `setups`: of each client, one after the other; see `Client`. `connecting`: the
    CPU that this took. `answer` is None
    where the scenario has none, and `delivery` likewise. `late`: actual minus intended send, which
    is the load's share of the latency. `unfinished`: messages that were on the way when the load
    ended early; they are in no figure. `missing`: the oldest message that never arrived, as it was
    sent. `closed`: why connections ended.
    """

    load: Load
    connects: list[int]
    setups: list[int]
    connecting: CpuUse
    offering_ns: int
    elapsed_ns: int
    audit: Audit
    answer: Latency | None
    delivery: Latency | None
    late: Histogram
    unfinished: int
    missing: str | None
    closed: list[str]
    others: int
    cpu: CpuUse
    ended: Ended | None

    @property
    def alone(self) -> bool:
        """Whether only one message was on the way at a time."""
        return self.load.rate is None and self.load.speaking * self.load.window == 1

    @property
    def lost(self) -> int:
        """Answers and deliveries that never came."""
        return self.audit.lost + self.audit.answers_lost

    @property
    def sent_per_s(self) -> float:
        """Messages sent per second while they were offered."""
        return (self.audit.messages + self.unfinished) * SECOND_NS / self.offering_ns

    @property
    def goodput_per_s(self) -> float:
        """Messages completed per second, until the last one was complete."""
        done = max(self.audit.messages - self.lost, 0)
        return done * SECOND_NS / self.elapsed_ns

    @property
    def late_p99_ns(self) -> int:
        """How late the load itself was; 0 if nothing was due."""
        return self.late.percentile_ns(99) if self.late.count else 0

    @property
    def load_bound(self) -> bool:
        """Whether the load failed to offer the rate. Then the figures are not the target's."""
        return self.load.rate is not None and self.late_p99_ns > LATE_NS

    @property
    def void(self) -> str | None:
        """Why nothing of this load counts; None: it counts."""
        audit, parts = self.audit, []
        if audit.answers_lost:
            parts.append(f"{audit.answers_lost} of {audit.messages} answers never came")
        if audit.lost:
            parts.append(f"{audit.lost} of {audit.expected} deliveries never came")
        if audit.doubled or audit.answers_doubled:
            parts.append(f"{audit.doubled + audit.answers_doubled} came more than once")
        if audit.stray:
            parts.append(f"{audit.stray} came to a client that should not get them")
        if not audit.messages:
            parts.append("no message was sent and answered")
        return "; ".join(parts) or None


def outcome(  # noqa: PLR0913 - each is named at the one call
    clients: Sequence[Client],
    messages: Messages,
    load: Load,
    *,
    first: int,
    started_ns: int,
    offering_ns: int,
    ended: Ended | None,
    connecting: CpuUse,
    cpu: CpuUse,
    now_ns: int,
) -> Outcome:
    """Count everything from message `first` on."""
    counted = _counted(messages, first, ended, now_ns - int(load.timeout * SECOND_NS))
    audit = messages.audit([bytes(client.log) for client in clients], counted)
    due, sent = (np.array(each, dtype=np.int64) for each in (messages.due_ns, messages.sent_ns))
    answered, delivered = messages.answered_ns, messages.delivered_ns
    last_ns = max((*answered[first:], *delivered[first:]), default=0)
    lost = [number for number in messages.pending if counted[number]]
    return Outcome(
        load=load,
        connects=[client.connect_ns for client in clients],
        setups=[client.setup_ns for client in clients],
        connecting=connecting,
        offering_ns=max(offering_ns, 1),
        elapsed_ns=max(last_ns - started_ns, offering_ns, 1),
        audit=audit,
        answer=_latency(messages, answered, counted, load) if messages.answers else None,
        delivery=_latency(messages, delivered, counted, load) if audit.expected else None,
        late=histogram.from_samples((sent - due)[counted]),
        unfinished=int(messages.count - first - counted.sum()),
        missing=_preview(clients, messages, lost[0]) if lost else None,
        closed=[f"client {each.number}: {each.closed}" for each in clients if each.closed],
        others=sum(client.others for client in clients),
        cpu=cpu,
        ended=ended,
    )


def _counted(
    messages: Messages, first: int, ended: Ended | None, fresh_ns: int
) -> npt.NDArray[np.bool_]:
    """Which messages count: not the warm-up, and none that an early end has cut off.

    Sent after `fresh_ns`, a message still had time when the load ended.
    """
    counted = np.ones(messages.count, dtype=bool)
    counted[:first] = False
    for number in messages.pending if ended is not None else ():
        if ended == "closed" or messages.sent_ns[number] > fresh_ns:
            counted[number] = False
    return counted


def _latency(
    messages: Messages, done_ns: Sequence[int], counted: npt.NDArray[np.bool_], load: Load
) -> Latency:
    """The latencies of the counted messages. In an open loop, senders take turns."""
    done = [ns if yes else 0 for ns, yes in zip(done_ns, counted, strict=True)]
    return told(messages.due_ns, messages.sent_ns, done, load.speaking)


def _preview(clients: Sequence[Client], messages: Messages, number: int) -> str:
    sender = clients[messages.senders[number]]
    return f"message {number + 1} of client {sender.number}: {sender.preview(messages.tag(number))}"
