"""A room full of raw members, with an exact count of all deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from lab.chat.events import Event, Message, Said
from lab.contract import Address, ClientTls, Transport
from lab.load.fan_out import STALL_S, FanOut
from lab.load.raw.exchange import Member
from lab.load.raw.fleet import RawFleet, Report
from lab.load.raw.pace import Pace, Rate, Window
from lab.load.raw.speakers import InTurn, speaker
from lab.load.raw.worker import Order, Worker, shares
from lab.measure.clock import now_ns


class RawRoom:
    """`size` members of one room of a running server. A context manager.

    `elsewhere`: further nodes that serve the same rooms. The members connect to the nodes in turn,
    the speaker to the first one.

    `decoding`: every delivery is decoded and kept, to compare it with a library's. That costs as
    much as it costs a library, so do not measure with it. `cpus`: a further process on each of
    these has a share of the members, which only listen. `tls`: how members check a server that
    speaks TLS.

    Raises (on entry): RawError if a member is refused; OSError if no server listens.
    """

    def __init__(
        self,
        transport: Transport,
        address: Address,
        room: str,
        size: int,
        *,
        decoding: bool = False,
        cpus: Sequence[int] = (),
        tls: ClientTls | None = None,
        elsewhere: Sequence[Address] = (),
    ) -> None:
        join_one = InTurn(
            [speaker(transport, it, decoding=decoding, tls=tls) for it in (address, *elsewhere)]
        )
        self._room = room
        self._size = size
        ours, *theirs = shares(size, 1 + len(cpus))
        self._fleet = RawFleet(join_one, room, ours)
        self._workers = [
            Worker(join_one, room, numbers, cpu) for numbers, cpu in zip(theirs, cpus, strict=False)
        ]
        self._running = ExitStack()
        self._said = 0

    def __enter__(self) -> Self:
        try:
            for worker in self._workers:
                self._running.enter_context(worker)
            self._fleet.let_in()
            for worker in self._workers:
                # One after the other, because a listen backlog is soon full.
                worker.attend(self._fleet.selector)
                self._answers([worker], "let in")
            self._fleet.counted += self._workers
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def members(self) -> list[Member]:
        """The members in this process, the speaker first."""
        return self._fleet.members

    @property
    def worker_pids(self) -> list[int]:
        """The processes of the other members."""
        return [worker.pid for worker in self._workers]

    def fan_out(self, texts: Sequence[str], window: int, *, stall_s: float = STALL_S) -> FanOut:
        """Say every text, at most `window` in flight, until all are delivered or none arrives.

        `stall_s`: after how many seconds without a delivery the batch is given up.

        Raises:
            RawError: a text was refused, or a connection or a process of the load ended.
        """
        return self._say_all(texts, Window(window), stall_s)

    def offer(self, texts: Sequence[str], rate_per_s: float) -> FanOut:
        """Say the texts at a steady rate, whatever is delivered, then await the missing deliveries.

        Raises as `fan_out` does.
        """
        return self._say_all(texts, Rate(rate_per_s), STALL_S)

    def heard(self) -> list[list[Event]]:
        """The deliveries of each member, oldest first; empty unless `decoding`."""
        return [heard for report in self._reports() for heard in report.heard]

    def stay(self) -> None:
        """Answer the heartbeats that have arrived, for a room that is idle.

        Raises:
            RawError: a connection or a process of the load ended.
        """
        while self._fleet.turn(0):
            pass

    def _say_all(self, texts: Sequence[str], pace: Pace, stall_s: float) -> FanOut:
        """Say every text when it is due, and count the deliveries.

        For every member, all deliveries are counted, and the last one is decoded. It must be the
        last text, at its position in the room's order. So a correct count is a count of these
        texts.
        """
        speaking, fleet = self.members[0], self._fleet
        said = [speaking.dialect.say(self._said + n, self._room, t) for n, t in enumerate(texts, 1)]
        self._said += len(texts)
        sent_ns: list[int] = []
        samples: list[int] = []
        before = self._begin()
        while len(samples) < len(texts):
            allowed = min(len(texts), pace.allowed(len(samples)))
            if allowed > len(sent_ns):
                speaking.send(said[len(sent_ns) : allowed])
                sent_ns += [now_ns()] * (allowed - len(sent_ns))
            next_s = pace.next_s() if allowed < len(texts) else None
            if not fleet.turn(stall_s if next_s is None else next_s) and next_s is None:
                break
            if not fleet.behind:
                self._note_complete(sent_ns, samples)
        complete = len(samples) == len(texts)
        after = self._reports()
        return FanOut(
            messages=len(texts),
            expected=len(texts) * self._size,
            delivered=sum(each.delivered for each in after),
            out_of_order=self._wrong_at_the_end(texts[-1], after) if complete else 0,
            last_delivery_ns=samples,
            per_write=_per_write(len(texts), before, _pieces(after)) if complete else None,
        )

    def _begin(self) -> list[int | None]:
        """Reset all counts. Returns the number of pieces until now."""
        theirs = self._answers(self._workers, "begin")
        self._fleet.begin()
        return [*self._fleet.pieces(), *_pieces(theirs)]

    def _reports(self) -> list[Report]:
        """The reports of all processes, this one first."""
        theirs = self._answers(self._workers, "report")
        return [self._fleet.report(), *theirs]

    def _answers(self, workers: Sequence[Worker], order: Order) -> list[Report]:
        for worker in workers:
            worker.tell(order)
        self._fleet.until(lambda: all(worker.answers for worker in workers), "answered")
        return [worker.answers.pop() for worker in workers]

    def _note_complete(self, sent_ns: list[int], samples: list[int]) -> None:
        complete = self._fleet.complete()
        now = now_ns()
        samples += [now - each for each in sent_ns[len(samples) : complete]]
        self._fleet.await_next(complete + 1)

    def _wrong_at_the_end(self, text: str, reports: Sequence[Report]) -> int:
        """For how many members the last delivery is not this text at its position in the order."""
        replies, decode = self._fleet.replies(), self.members[0].dialect.decode
        newest = max((reply.seq for reply in replies if isinstance(reply, Said)), default=0)
        ends = [decode(last) for report in reports for last in report.last]
        seqs = {end.seq for end in ends if isinstance(end, Message) and end.text == text}
        if len(seqs) != 1 or min(seqs) < newest:
            return self._size
        return sum(not (isinstance(end, Message) and end.text == text) for end in ends)

    def _close(self) -> None:
        self._running.close()
        self._fleet.close()


def _pieces(reports: Sequence[Report]) -> list[int | None]:
    return [pieces for report in reports for pieces in report.pieces]


def _per_write(
    messages: int, before: Sequence[int | None], after: Sequence[int | None]
) -> float | None:
    """How many messages arrived per piece."""
    counts = [
        now - then
        for then, now in zip(before, after, strict=True)
        if then is not None and now is not None
    ]
    return messages * len(counts) / sum(counts) if sum(counts) else None
