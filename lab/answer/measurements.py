"""What one run has measured, in the form in which the packaged reference keeps it."""

from __future__ import annotations

__pure__ = True

import msgspec

from lab.measure.stats import Verdict


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure of one transport, in the figure's unit.

    `low` and `high` bound its 95 % interval; None with fewer than five passes. `lowest` and
    `highest` are the extremes over passes. `mark`: why it is not exactly what its title says, such
    as "load-bound"; None: it is.
    """

    median: float
    low: float | None = None
    high: float | None = None
    passes: int = 1
    lowest: float | None = None
    highest: float | None = None
    mark: str | None = None


class Ratio(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transport's figure as a multiple of another one's, paired by pass within one run.

    `low` and `high` bound its 95 % interval; None with fewer than five passes.
    """

    ratio: float
    low: float | None = None
    high: float | None = None
    passes: int = 1
    verdict: Verdict = "too few passes"

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out 1."""
        return self.verdict in ("faster", "slower")


class Measurements(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run.

    `date` is ISO 8601. `client`: where the client ran, a key of `blocks.CLIENTS`. `values`:
    transport -> key of the figure -> value. Void figures are left out. `ratios`: transport ->
    transport that it is compared with -> key of the figure -> ratio, for the pairs and figures of
    `lab.answer.blocks`.
    """

    run: str
    date: str
    machine: str
    client: str
    settings: str
    passes: int
    values: dict[str, dict[str, Value]]
    ratios: dict[str, dict[str, dict[str, Ratio]]]

    def value(self, figure: str, transport: str) -> Value | None:
        """The figure of the transport; None if this run did not measure it."""
        return self.values.get(transport, {}).get(figure)

    def ratio(self, figure: str, transport: str, baseline: str) -> Ratio | None:
        """The figure of the transport as a multiple of the other's; None if there is none."""
        return self.ratios.get(transport, {}).get(baseline, {}).get(figure)
