"""The measured numbers that decide for one reader's needs."""

from __future__ import annotations

__pure__ = True

from collections.abc import Sequence
from dataclasses import dataclass

from lab.answer.blocks import BLOCKS, DEFAULT, OVER_WEBSOCKET, PLAIN, POLLING, PYTHON, VARIANTS
from lab.answer.evidence import CONNECT, CPU, ROUND_TRIPS, Evidence, Number, Quantity
from lab.answer.span import Span
from lab.bilingual import Bilingual, same
from lab.choose import needs as needs_
from lab.choose.bundle import Bundle
from lab.choose.needs import Needs
from lab.report.model import formatting

SSE = "sse"
CANDIDATES = {
    PLAIN: Bilingual(VARIANTS[PLAIN], "순수 WebSocket"),
    OVER_WEBSOCKET: Bilingual(VARIANTS[OVER_WEBSOCKET], "WebSocket만 쓰는 Socket.IO"),
    DEFAULT: Bilingual("Socket.IO's default transport", "Socket.IO의 기본 전송 방식"),
    SSE: same("Server-Sent Events"),
}
"""Candidate -> its name. Long-polling alone is none: the default begins with it, and leaves it."""
SOCKETIO = (OVER_WEBSOCKET, DEFAULT)
NEED_WEBSOCKET = (PLAIN, OVER_WEBSOCKET)
ON_POLLING = Bilingual("{candidate} on long-polling", "롱 폴링에 머무는 {candidate}")
IN_PAGE = Bilingual(
    "{package} {version} adds {kb} kB to a page (minified, gzipped). WebSocket and EventSource are "
    "part of the browser: 0 kB.",
    "페이지에 {package} {version}의 {kb} kB가 더해집니다(축소하고 gzip으로 압축한 크기). "
    "WebSocket과 "
    "EventSource는 브라우저에 들어 있으므로 0 kB입니다.",
)
STACKS = {needs_.NODE: "node", needs_.PYTHON: "python", needs_.OTHER: "protocol"}
"""Platform of the server -> block of the answer. Another platform has the protocol's figures."""
CLIENTS = {needs_.PAGE: "browser", needs_.APP: PYTHON}
_BLOCKS = {block.key: block for block in BLOCKS}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, the command that repeats the experiment behind it, and where its numbers are.

    `command` None: no experiment of the lab is behind it, and the output says so.
    """

    text: Bilingual
    command: str | None
    sources: tuple[Bilingual, ...] = ()


def sentence(
    text: Bilingual, command: str | None, numbers: Sequence[Number | None] = ()
) -> Sentence:
    """The sentence, with the runs of its numbers."""
    sources = dict.fromkeys(_source(number) for number in numbers if number is not None)
    return Sentence(text, command, tuple(sources))


def _source(number: Number) -> Bilingual:
    return Bilingual(number.source, f"{'내 실행' if number.own else '기준 실행'} {number.run}")


def bench(numbers: Sequence[Number | None]) -> str:
    """The command that measures these numbers again. At least one was measured."""
    found = [number for number in numbers if number is not None]
    experiments = dict.fromkeys(number.quantity.experiment for number in found)
    transports = ",".join(dict.fromkeys(number.transport for number in found))
    chosen = " ".join(f"--experiment {name}" for name in experiments)
    return f"lab bench {chosen} --transports {transports}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is needed, and what was measured."""

    needs: Needs
    evidence: Evidence
    bundle: Bundle

    def transport(self, candidate: str) -> str:
        """The lab's transport that stands for the candidate on the reader's platform."""
        if candidate == SSE:
            return SSE
        return _BLOCKS[STACKS[self.needs.server]].transports[candidate]

    def measured(self, candidate: str) -> str:
        """The transport whose numbers count for the candidate.

        Where WebSocket is blocked, Socket.IO's default stays on long-polling.
        """
        if candidate == DEFAULT and self.needs.blocked == needs_.BLOCKED:
            return _BLOCKS[STACKS[self.needs.server]].transports[POLLING]
        return self.transport(candidate)

    def name(self, candidate: str) -> Bilingual:
        """The candidate's name, with what it is where WebSocket is blocked."""
        name = CANDIDATES[candidate]
        stays = self.measured(candidate) != self.transport(candidate)
        return ON_POLLING.fill(candidate=name) if stays else name

    def find(self, candidate: str, quantity: Quantity) -> Number | None:
        """The candidate's number, with a client in Python."""
        return self.evidence.find(quantity, self.measured(candidate))

    def connect_numbers(self, candidate: str) -> list[Number]:
        """Round trips, then the time without network delay if it was measured; or nothing.

        Both with a client like the reader's, or else with one in Python.
        """
        transport = self.measured(candidate)
        for client in (CLIENTS[self.needs.client], PYTHON):
            trips = self.evidence.find(ROUND_TRIPS, transport, client)
            still = self.evidence.find(CONNECT, transport, client)
            if trips is not None:
                return [trips] if still is None else [trips, still]
        return []

    def connect_ms(self, candidate: str) -> Span | None:
        """The time until a client can send, at the reader's round trip time."""
        found = self.connect_numbers(candidate)
        if not found:
            return None
        still = found[1].span if len(found) > 1 else Span(0)
        return found[0].span.times(self.needs.rtt_ms).plus(still)

    def cpu(self, candidate: str) -> Number | None:
        """Server CPU of a delivery, in the measured room nearest to the reader's."""
        return self.evidence.cpu(self.measured(candidate), self.needs.members)

    def cpu_ratio(self, candidate: str, other: str) -> Span | None:
        """Server CPU of a delivery as a multiple of the other's, paired, in a room of 100."""
        pair = self.measured(candidate), self.measured(other)
        return self.evidence.ratio(CPU[100], *pair)

    def full_at(self, candidate: str) -> Span | None:
        """At how many deliveries a second one core is full."""
        cpu = self.cpu(candidate)
        return cpu.span.into(1e6) if cpu else None


def code_in_page(bundle: Bundle) -> Sentence:
    """What a Socket.IO client adds to a page."""
    return sentence(
        IN_PAGE.fill(package=bundle.package, version=bundle.version, kb=f"{bundle.kb:.1f}"),
        f"gzip -9c transports/node/node_modules/{bundle.package}/{bundle.file} | wc -c",
    )


def shown(span: Span | None) -> str:
    """A number with its interval; nothing if there is none."""
    return formatting.span(span) if span is not None else ""


def count(value: float) -> str:
    """A number without decimals that say nothing: 2, 5.3, 10 000."""
    return f"{value:.0f}" if value < 1000 and value == int(value) else formatting.number(value)
