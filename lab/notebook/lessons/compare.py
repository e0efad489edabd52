"""The lesson of 00_compare: the answers of one run, in the words of its verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure as Canvas

from lab import record
from lab.measure.stats import FEWEST_PASSES
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, run_folders, verdicts
from lab.record import Run
from lab.report.model.summary import Summary, summarise
from lab.report.pictures import bars, plots
from lab.report.pictures.bars import Panel
from lab.report.text import tables

LONGER = "takes {ratio} as long as {baseline}"
SENTENCES = {
    "connect_p50_ms": (Prose("Until a command can be sent", "명령을 보낼 수 있을 때까지"), LONGER),
    "rtt_p50_us": (Prose("At the median", "왕복 시간의 중앙값"), LONGER),
    "rtt_p99_us": (Prose("At p99", "왕복 시간의 p99"), LONGER),
    "deliveries_per_s_100": (
        Prose("In a room of 100", "100명 방의 초당 전달 수"),
        "delivers {ratio} as many as {baseline}",
    ),
    "server_cpu_us_per_delivery_100": (
        Prose("Per delivery in a room of 100", "100명 방에서 전달 한 건의 서버 CPU"),
        "takes {ratio} as much server CPU as {baseline}",
    ),
}
"""Figure's key -> how a sentence about it begins, and what it says."""

CLOSED_LOOP = Expected(
    "b",
    "In a closed loop, what does the client do while the server stalls?",
    "닫힌 루프에서 서버가 멈춘 동안 클라이언트는 무엇을 합니까?",
)


@dataclass(frozen=True)
class Reading:
    """One run, and what this lesson shows of it."""

    run: Run
    found: Summary
    skipped: tuple[str, ...]

    def about(self) -> Prose:
        """Say which run this is, and of which machine; also which folders could not be read."""
        cpu = self.run.environment.get("machine", {}).get("cpu", "an unnamed CPU")
        python = self.run.environment.get("python", {}).get("version", "of an unnamed version")
        heading = f"**{tables.heading(self.run)}**, on {cpu}, Python {python}"
        korean = f"**실행 `{self.run.id}`**, {cpu}, Python {python}"
        return Prose("\n\n".join([heading, *self.skipped]), korean)

    def noise(self) -> Prose:
        """List what the run says of its own noise, folded."""
        noted = [*self.found.voids, *self.found.warnings]
        if not noted:
            return Prose("This run has no warnings.", "이 실행에는 경고가 없습니다.")
        listed = "\n".join(f"- {warning}" for warning in noted)
        return Prose(
            f"<details><summary>What this run says of its own noise: {len(noted)}"
            f"</summary>\n\n{listed}\n\n</details>",
            f"이 실행은 스스로 확인한 잡음 {len(noted)}가지를 알립니다. `lab report`가 보여 "
            f"줍니다.",
        )

    def getting_in(self) -> Picture:
        """Draw the times until a command can be sent, and until the room has answered."""
        finding = "{transport} takes {ratio}× as long as {baseline}"
        panels = [
            Panel("Connect", "ms", (("connect_p50_ms", ""),), finding),
            Panel("Time to join", "ms", (("join_p50_ms", ""),), finding),
        ]
        enough = self.found.passes >= FEWEST_PASSES
        lines = "their 95 % intervals" if enough else "lowest to highest"
        note = f"bars: medians over {self.found.passes} passes, lines: {lines} · loopback network"
        title = "What it takes to get in"
        return Picture(bars.draw(panels, self.found, self.run.transports, title, note))

    def latency(self) -> Picture | Prose:
        """Draw the whole distribution of round trips."""
        return _drawn(plots.percentiles(self.run))

    def throughput(self) -> Picture | Prose:
        """Draw the deliveries per second of a room."""
        return _drawn(plots.throughput(self.run))

    def says(self, key: str) -> Prose:
        """Return the run's verdict about a figure in sentences."""
        return verdicts(self.found, key, *SENTENCES[key])

    def ratio(self, key: str, transport: str) -> float | None:
        """Return how many times a figure is the baseline's; None without an established ratio."""
        figure = self.found.figure(key)
        return figure.established().get(transport) if figure else None

    def median(self, key: str, transport: str) -> float | None:
        """Return a figure's median over passes, in its unit; None: it was not measured."""
        return self.found.medians(key).get(transport)

    def packets_us(self) -> Expected:
        """Expect by how many µs Socket.IO's packets lengthen a round trip on one HTTP stack."""
        pair = [
            self.median("rtt_p50_us", name) for name in ("socketio-websocket", "websocket-aiohttp")
        ]
        return Expected(
            None if None in pair else pair[0] - pair[1],  # type: ignore[operator]
            "Take the two transports that share one HTTP stack, aiohttp.",
            "같은 HTTP 스택(aiohttp)을 쓰는 두 전송 방식을 비교하십시오.",
        )


def _drawn(canvas: Canvas | None) -> Picture | Prose:
    if canvas is None:
        return Prose("This run did not measure it.", "이 실행에서는 측정하지 않았습니다.")
    return Picture(canvas)


def newest() -> Reading:
    """Read your newest run, or else the reference run. Raises RecordError where there is none."""
    run, skipped = record.find(None, run_folders())
    return Reading(run, summarise(run), tuple(skipped))
