"""`lab list`, and wires as arguments: what there is, what is missing and how to get it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cli.wires import WIRES
from transports import registry

MISSING = "fancy"


@pytest.fixture
def missing_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wire whose library is not installed."""
    (tmp_path / "fancy_wire.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(registry.WIRES, MISSING, "fancy_wire:Fancy")


def lab(*arguments: str, columns: int = 200) -> Result:
    return CliRunner().invoke(
        main, arguments, terminal_width=columns, env={"COLUMNS": str(columns)}
    )


def row(output: str, name: str, table: str) -> list[str]:
    """The words of a wire's row in the table with this title."""
    lines = output[output.index(table) :].splitlines()
    return next(line.split() for line in lines if line.split()[:1] == [name])


def test_every_wire_is_listed_with_its_stack() -> None:
    result = lab("list")
    assert result.exit_code == 0
    for name in registry.WIRES:
        shown = " ".join(row(result.output, name, "Wires"))
        stack = registry.load(name).stack()
        assert registry.load(name).summary in shown
        assert f"{stack.server.name} {stack.server.version}" in shown
        assert stack.http is None or str(stack.http) in shown
    assert f"websockets {version('websockets')}" in result.output
    socketio = f"python-socketio {version('python-socketio')} on aiohttp {version('aiohttp')}"
    assert socketio in result.output
    assert f"Python {platform.python_version()}" in result.output


def test_every_capability_of_every_wire_is_shown() -> None:
    output = lab("list").output
    for name in registry.WIRES:
        words = set(" ".join(row(output, name, "What they can do")[1:]).split(", "))
        assert words == (set(map(str, registry.load(name).capabilities)) or {"–"})


def test_the_list_fits_an_ordinary_terminal() -> None:
    output = lab("list", columns=80).output
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= 80
    assert all(name in output for name in registry.WIRES)


def test_a_wire_whose_library_is_missing_is_listed_with_the_way_to_get_it(
    missing_library: None,
) -> None:
    result = lab("list")
    assert result.exit_code == 0
    shown = " ".join(row(result.output, MISSING, "Wires"))
    assert f"unavailable: needs no_such_library: {registry.INSTALL}" in shown
    assert MISSING not in result.output[result.output.index("What they can do") :]
    assert "websockets" in " ".join(row(result.output, "websocket", "Wires"))


@pytest.mark.parametrize(
    "arguments",
    [["serve", MISSING], ["bench", "--wires", f"websocket,{MISSING}"]],
    ids=["serve", "bench"],
)
def test_a_wire_whose_library_is_missing_cannot_be_run(
    missing_library: None, arguments: Sequence[str], tmp_path: Path
) -> None:
    results = ["--results", str(tmp_path / "results")] if arguments[0] == "bench" else []
    result = lab(*arguments, *results)
    assert result.exit_code == 2
    assert f"needs no_such_library: {registry.INSTALL}" in result.output
    assert not (tmp_path / "results").exists()


def test_all_wires_are_those_that_can_run_here(missing_library: None) -> None:
    everything = WIRES.convert("all", None, None)
    assert MISSING not in everything
    assert everything == [name for name in registry.WIRES if name != MISSING]


def test_wires_are_taken_once_each_and_in_one_order() -> None:
    first, second, *_ = registry.WIRES
    assert WIRES.convert(f"{second}, {first},{second}", None, None) == [first, second]
