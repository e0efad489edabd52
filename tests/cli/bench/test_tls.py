"""`lab bench --tls` and `--profile full`: what is refused, and what TLS adds to a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from lab import record
from lab.cli import main
from lab.cli.bench import subjects
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.plan import Plan, plan_from_record
from lab.cli.bench.subjects import OVER_TLS
from lab.load.profiles import EXPERIMENTS, PROFILES
from lab.measure.replicas import original, over_tls
from tests.tls import secure
from transports import registry


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--aa"], "--tls is for --client python, and not for --aa"),
        (["--client", "node"], "--tls is for --client python"),
        (["--experiment", "idle"], "not idle"),
        (["--transports", "loopback"], "--tls needs a transport with its own server"),
        (["--target", "x.toml"], "--target is not for --tls"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_measured_is_refused(words: list[str], complaint: str) -> None:
    result = CliRunner().invoke(main, ["bench", "--tls", *words], terminal_width=200)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())


def over_tls_too(*transports: str) -> Plan:
    options = BenchOptions(
        transports=list(transports),
        seed=1,
        tls=True,
    )
    return make_plan(options, Console(quiet=True))


def test_each_transport_with_a_server_is_measured_over_tls_too() -> None:
    plan = over_tls_too("loopback", "websocket", "socketio")
    assert [original(each) for each in plan.transports] == ["websocket"] * 3 + ["socketio"] * 3
    assert [over_tls(each) for each in plan.transports[:3]] == [None, "full", "resumed"]
    assert plan.experiments == OVER_TLS
    assert plan.driver == "raw"
    shown = plan.described()["websocket+resumed"]["settings_shown"]
    assert shown["TLS"] == "1.3, resumed handshake"


def test_what_exists_only_over_tls_is_measured_once_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secure.register(monkeypatch)
    plan = over_tls_too(secure.NAME, "websocket")
    assert plan.transports == [secure.NAME, "websocket", "websocket+tls", "websocket+resumed"]
    shown = {name: each["settings_shown"].get("TLS") for name, each in plan.described().items()}
    assert shown[secure.NAME] == "1.3, full handshake"
    assert shown["websocket"] is None


def full(console: Console | None = None, **given: Any) -> Plan:
    options = BenchOptions(profile="full", seed=1, **given)
    return make_plan(options, console or Console(quiet=True))


def test_the_full_profile_also_measures_core_over_tls() -> None:
    plan = full()
    secured = [label for label in plan.transports if over_tls(label)]
    assert secured == [f"{name}+tls" for name in registry.CORE if name != "loopback"]
    assert plan.experiments == PROFILES["full"].experiments
    for index, sweep in enumerate(plan.sweeps, 1):
        either = set(sweep) <= set(PROFILES["full"].over_tls)
        assert sorted(plan.order(index)) == sorted(plan.labels(index)), sweep
        assert set(secured) & set(plan.labels(index)) == (set(secured) if either else set()), sweep
        words = plan.pass_arguments(index)
        assert words[words.index("--transports") + 1] == ",".join(plan.labels(index))


def test_of_other_transports_the_full_profile_measures_none_over_tls() -> None:
    assert full(transports=["websocket", "sse"]).transports == ["websocket", "websocket+tls", "sse"]


@pytest.mark.parametrize(
    "given",
    [{"experiments": ("handshake",)}, {"aa": True}, {"profile": "quick"}],
    ids=lambda given: next(iter(given)),
)
def test_another_question_is_asked_without_tls(given: dict[str, Any]) -> None:
    options = BenchOptions(**{"profile": "full", "seed": 1, **given})
    plan = make_plan(options, Console(quiet=True))
    assert not any(map(over_tls, plan.transports))


def test_without_its_library_a_line_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subjects, "lacking", lambda: "needs a thing")
    assert full(Console()).transports == list(registry.CORE)
    assert "left out: core over TLS, which needs a thing" in capsys.readouterr().out


def test_an_interrupted_run_goes_on_with_the_same_labels_in_each_pass(tmp_path: Path) -> None:
    plan = full(transports=["websocket"])
    writer = record.create(
        tmp_path,
        plan.profile,
        transports=plan.described(),
        seed=1,
        planned_passes=len(plan.sweeps),
        constants=plan.constants(),
    )
    again = plan_from_record(writer.info)
    assert [again.labels(index) for index in range(1, len(plan.sweeps) + 1)] == [
        plan.labels(index) for index in range(1, len(plan.sweeps) + 1)
    ]
    assert ["websocket"] in [again.labels(index) for index in range(1, len(plan.sweeps) + 1)]
    assert any(EXPERIMENTS[name].once for name in plan.over_tls)
