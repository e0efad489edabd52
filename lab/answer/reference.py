"""The measurements of the lab's committed runs, packaged with it: reference.json.

`python -m tools.generate` writes the file from the runs in `results/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

import msgspec

from lab.answer import blocks
from lab.answer.measurements import Measurements, Ratio, Value
from lab.answer.model import Answer, answer
from lab.measure.figures import FIGURES

FILE = "reference.json"
LEFT_OUT = frozenset({"harness", "race"})
"""Experiments whose figures say nothing about a transport."""


class Reference(msgspec.Struct, frozen=True):
    """The runs, the preferred one first. A lookup takes the first run that has the figure."""

    runs: list[Measurements]

    def value(self, figure: str, transport: str, client: str = blocks.PYTHON) -> Value | None:
        """The figure (a key of `lab.measure.figures`); None if no run has measured it."""
        return next((value for _, value in self._values(figure, transport, client)), None)

    def source(
        self, figure: str, transport: str, client: str = blocks.PYTHON
    ) -> Measurements | None:
        """The run from which `value` takes the figure: its id, date and machine."""
        return next((run for run, _ in self._values(figure, transport, client)), None)

    def ratio(
        self,
        figure: str,
        transport: str,
        baseline: str | None = None,
        client: str = blocks.PYTHON,
    ) -> Ratio | None:
        """The figure as a multiple of the baseline's, paired within one run.

        `baseline` None: the plain WebSocket of the transport's block. None if no run has measured
        both, or for a pair or figure that the answer does not compare; see `lab.answer.blocks`.
        """
        other = baseline or blocks.plain_of(transport)
        found = (
            run.ratio(figure, transport, other)
            for run in self.runs
            if other is not None and run.client == client
        )
        return next((ratio for ratio in found if ratio is not None), None)

    def answer(self, own: Measurements | None = None) -> Answer:
        """The answer of a run, or of the reference alone."""
        return answer(own, self.runs)

    def _values(
        self, figure: str, transport: str, client: str
    ) -> Iterable[tuple[Measurements, Value]]:
        for run in self.runs:
            value = run.value(figure, transport)
            if value is not None and run.client == client:
                yield run, value


def kept_figures() -> tuple[str, ...]:
    """The keys of the figures that the reference keeps."""
    return tuple(figure.key for figure in FIGURES if figure.experiment not in LEFT_OUT)


@cache
def load() -> Reference:
    """The packaged reference."""
    return decode(resources.files("lab.answer").joinpath(FILE).read_bytes())


def decode(content: bytes) -> Reference:
    """Raises msgspec.ValidationError if the content is no reference."""
    return msgspec.json.decode(content, type=Reference)


def encode(reference: Reference) -> bytes:
    """The content of the file: a line for each value, so that a change of one is one line."""
    text = msgspec.json.format(msgspec.json.encode(reference).decode(), indent=1)
    return _INNERMOST.sub(lambda found: _BREAK.sub(" ", found[0]), text).encode() + b"\n"


_INNERMOST = re.compile(r"\{[^{}]*\}")
_BREAK = re.compile(r"\s*\n\s*")
