"""`lab list`, and transports as arguments: what there is, what is missing and how to get it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cli.transports import TRANSPORTS
from transports import registry
from transports._shared.extras import installing
from transports.websocket_aiohttp import WebSocketAiohttp

MISSING = "fancy"


@pytest.fixture
def missing_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A transport whose library is not installed."""
    (tmp_path / "fancy_transport.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    for transports in (registry.TRANSPORTS, registry.CORE):
        monkeypatch.setitem(transports, MISSING, "fancy_transport:Fancy")


@pytest.fixture
def unsafe_transport(monkeypatch: pytest.MonkeyPatch) -> str:
    """A transport that says it is unsafe by nature; returns its name."""
    name = "websocket-aiohttp"
    monkeypatch.setattr(WebSocketAiohttp, "unsafe", "it tells everybody everything")
    return name


def lab(*arguments: str, columns: int = 200) -> Result:
    return CliRunner().invoke(
        main, arguments, terminal_width=columns, env={"COLUMNS": str(columns)}
    )


def row(output: str, name: str, table: str) -> list[str]:
    """The words of a transport's row in the table with this title."""
    lines = output[output.index(table) :].splitlines()
    return next(line.split() for line in lines if line.split()[:1] == [name])


def test_every_transport_is_in_one_group() -> None:
    grouped = [name for transports in registry.GROUPS.values() for name in transports]
    assert grouped == list(registry.TRANSPORTS)


def test_every_transport_is_listed_with_its_stack() -> None:
    result = lab("list")
    assert result.exit_code == 0
    for name in registry.available():
        shown = " ".join(row(result.output, name, "Transports"))
        stack = registry.load(name).stack()
        assert registry.load(name).summary in shown
        assert f"{stack.server.name} {stack.server.version}" in shown
        assert stack.http is None or str(stack.http) in shown
    assert f"websockets {version('websockets')}" in result.output
    socketio = f"python-socketio {version('python-socketio')} on aiohttp {version('aiohttp')}"
    assert socketio in result.output
    assert f"Python {platform.python_version()}" in result.output


def test_every_capability_of_every_transport_is_shown() -> None:
    output = lab("list", columns=300).output  # one line a transport
    for name in registry.available():
        words = set(" ".join(row(output, name, "What they can do")[1:]).split(", "))
        assert words == (set(map(str, registry.load(name).capabilities)) or {"–"})


def test_the_list_fits_an_ordinary_terminal() -> None:
    output = lab("list", columns=80).output
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= 80
    assert all(name in output for name in registry.TRANSPORTS)


def test_a_transport_whose_library_is_missing_is_listed_with_the_way_to_get_it(
    missing_library: None,
) -> None:
    result = lab("list")
    assert result.exit_code == 0
    shown = " ".join(row(result.output, MISSING, "Transports"))
    assert f"unavailable: needs no_such_library: {installing('no_such_library')}" in shown
    assert MISSING not in result.output[result.output.index("What they can do") :]
    assert "websockets" in " ".join(row(result.output, "websocket", "Transports"))


@pytest.mark.parametrize(
    "arguments",
    [["serve", MISSING], ["bench", "--transports", f"websocket,{MISSING}"]],
    ids=["serve", "bench"],
)
def test_a_transport_whose_library_is_missing_cannot_be_run(
    missing_library: None, arguments: Sequence[str], tmp_path: Path
) -> None:
    results = ["--results", str(tmp_path / "results")] if arguments[0] == "bench" else []
    result = lab(*arguments, *results)
    assert result.exit_code == 2
    assert f"needs no_such_library: {installing('no_such_library')}" in result.output
    assert not (tmp_path / "results").exists()


def test_of_a_group_what_cannot_run_here_is_left_out_and_why_is_said(
    missing_library: None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = TRANSPORTS.convert("core", None, None)
    assert found == [name for name in registry.CORE if name != MISSING]
    said = capsys.readouterr().err
    assert f"without {MISSING}: needs no_such_library: {installing('no_such_library')}" in said


def test_of_a_group_what_is_unsafe_is_left_out_unless_it_is_named(
    unsafe_transport: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unsafe_transport not in TRANSPORTS.convert("core", None, None)
    assert f"without {unsafe_transport}: it tells everybody everything" in capsys.readouterr().err
    assert TRANSPORTS.convert(f"core,{unsafe_transport}", None, None) == list(registry.CORE)
    assert TRANSPORTS.convert(unsafe_transport, None, None) == [unsafe_transport]
    assert not capsys.readouterr().err


def test_an_unsafe_transport_is_listed_with_the_reason(unsafe_transport: str) -> None:
    shown = " ".join(row(lab("list").output, unsafe_transport, "Transports"))
    assert "only by name: it tells everybody everything" in shown


def test_all_is_every_group() -> None:
    everything = TRANSPORTS.convert("all", None, None)
    assert everything == TRANSPORTS.convert(",".join(registry.GROUPS), None, None)
    assert {*registry.CORE} <= {*everything}


def test_a_group_and_a_name_are_the_transports_of_both_in_one_order() -> None:
    assert TRANSPORTS.convert("socketio, core", None, None) == TRANSPORTS.convert(
        "core", None, None
    )


def test_an_unknown_word_is_answered_with_transports_and_groups() -> None:
    result = lab("bench", "--transports", "telegraph")
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert all(word in said for word in [*registry.TRANSPORTS, *registry.GROUPS, "all"])


def test_transports_are_taken_once_each_and_in_one_order() -> None:
    first, second, *_ = registry.TRANSPORTS
    assert TRANSPORTS.convert(f"{second}, {first},{second}", None, None) == [first, second]
