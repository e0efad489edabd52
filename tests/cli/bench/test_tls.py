"""`lab bench --tls`: what it refuses, and what it adds to a run."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from rich.console import Console

from lab.cli import main
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.plan import Plan
from lab.cli.bench.subjects import OVER_TLS
from lab.measure.replicas import original, over_tls
from tests.tls import secure


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
