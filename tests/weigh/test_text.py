"""The answer in one sentence, whatever compression does to the bytes; and the cells."""

from __future__ import annotations

import pytest

from lab.measure.stats import Interval
from lab.weigh.model import Settings, Weighed, Weight, ways
from lab.weigh.text import HEADINGS, answer, as_values, cells, cpu_us, name


def us(median: float) -> Interval:
    return Interval(median, median - 1, median + 1, 7, median - 1, median + 1)


def found(saved_kept: float, saved_fresh: float) -> list[Weighed]:
    """Every way; those that keep a context save the one share, the others the other."""
    made = []
    for way in ways(Settings()):
        if way.compression is None:
            made.append(Weighed(way, Weight(96, 4, 100), None, None))
        else:
            total = 100 * (1 - (saved_kept if way.compression.kept else saved_fresh))
            made.append(Weighed(way, Weight(total - 4, 4, 100), us(8), us(1.5)))
    return made


@pytest.mark.parametrize(
    ("kept", "fresh", "said"),
    [
        (0.68, 0.12, ("saves 68 % of the bytes", "saves 12 % of the bytes")),
        (0.004, -0.03, ("changes the bytes by less than 1 %", "adds 3 % to the bytes")),
    ],
    ids=["saves", "does not"],
)
def test_the_answer(kept: float, fresh: float, said: tuple[str, str]) -> None:
    assert answer(found(kept, fresh)) == (
        f"Compression with a kept context {said[0]} for 9.50 µs a message; with a fresh one it "
        f"{said[1]} for 9.50 µs (JSON on websocket, window 15, level 6)."
    )


def test_a_row_has_every_number_or_a_gap() -> None:
    plain, kept, *_ = found(0.5, 0.1)
    assert [name(plain), *cells(plain)] == ["none", "96.0", "4.00", "100", "", "", "", ""]
    assert [name(kept), *cells(kept)] == [
        *("deflate 15:6, kept", "46.0", "4.00", "50.0", "50 %"),
        *("8.00 [7.00, 9.00]", "1.50 [0.500, 2.50]", "295"),
    ]
    assert len(list(cells(kept))) == len(HEADINGS)
    assert cpu_us(plain) == 0


def test_the_values_of_a_row() -> None:
    plain, kept, *_ = found(0.5, 0.1)
    assert as_values(plain)["compression"] is None
    assert as_values(plain)["context_bytes"] == 0
    values = as_values(kept)
    assert values["compression"] == {
        **{"kind": "deflate", "kept": True},
        **{"window": 15, "level": 6, "mem_level": 8},
    }
    assert (values["total_bytes"], values["saved"]) == (50, 0.5)
    assert values["compress_us"]["passes"] == 7


def test_a_gzip_has_no_window_of_its_own() -> None:
    assert {name(each) for each in found(0, 0)} == {
        *("none", "deflate 15:6, kept", "deflate 15:6, fresh", "gzip 6, kept", "gzip 6, fresh"),
    }
