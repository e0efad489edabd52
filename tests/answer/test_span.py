"""Numbers with the bounds of an interval."""

from __future__ import annotations

import pytest

from lab.answer.span import Span
from lab.report.model import formatting


def test_arithmetic_carries_the_bounds() -> None:
    rough, exact = Span(2, 1, 4), Span(10)
    assert rough.times(3) == Span(6, 3, 12)
    assert exact.times(3) == Span(30)
    assert rough.plus(exact) == Span(12, 11, 14)
    assert rough.plus(rough) == Span(4, 2, 8)
    assert exact.plus(exact) == Span(20)
    assert rough.into(8) == Span(4, 2, 8)
    assert exact.into(8) == Span(0.8)


@pytest.mark.parametrize(
    ("span", "shown"), [(Span(2), "2.00"), (Span(1234.5, 1000, 2000), "1 230 [1 000, 2 000]")]
)
def test_a_number_is_shown_with_its_interval(span: Span, shown: str) -> None:
    assert formatting.span(span).replace(formatting.NO_BREAK, " ") == shown
