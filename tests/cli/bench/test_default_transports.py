"""What `lab bench` measures if no transports are named."""

from __future__ import annotations

from typing import Any

import pytest

from lab.cli.bench.command import BenchOptions
from lab.cli.bench.subjects import default_transports
from lab.load.profiles import PROFILES
from transports import registry


def by_default(**given: Any) -> list[str]:
    return default_transports(BenchOptions(**given))


def test_a_quick_run_measures_python_s_and_node_s_servers_that_can_run_here() -> None:
    groups = PROFILES["quick"].transports
    named = [name for group in groups for name in registry.GROUPS[group]]
    assert set(registry.NODE) < set(named)
    assert by_default() == registry.check(set(named) & set(registry.available()))


@pytest.mark.parametrize(
    "given",
    [{"experiments": ("latency",)}, {"aa": True}, {"profile": "full"}, {"client": "browser"}],
    ids=lambda given: next(iter(given)),
)
def test_another_question_is_asked_of_core_alone(given: dict[str, Any]) -> None:
    assert by_default(**given) == list(registry.CORE)


def test_without_node_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "install Node"
    usual = registry.unavailable
    monkeypatch.setattr(
        registry, "unavailable", lambda name: reason if name in registry.NODE else usual(name)
    )
    assert by_default() == list(registry.CORE)
    assert capsys.readouterr().err == f"without {', '.join(registry.NODE)}: {reason}\n"


def test_the_quick_profile_has_the_passes_that_a_verdict_needs() -> None:
    from lab.measure.stats import FEWEST_PASSES

    assert PROFILES["quick"].passes >= FEWEST_PASSES
