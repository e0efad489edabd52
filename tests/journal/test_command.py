"""`--durable` on the command line: refused in one sentence where no journal can keep the rooms."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.contract import Capability
from transports import registry


def _own_rooms() -> list[str]:
    able = {name: registry.load(name).capabilities for name in registry.available()}
    return [
        name
        for name, can in able.items()
        if Capability.SOCKET in can and Capability.SHARED_ROOM not in can
    ]


@pytest.mark.parametrize(
    "command", [["serve"], ["chat", "--no-open", "--transports"]], ids=" ".join
)
def test_rooms_of_another_program_can_t_be_kept(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "rooms.db"
    for name in _own_rooms():
        result = CliRunner().invoke(main, [*command, name, "--durable", str(path)])
        assert result.exit_code == 2
        assert f"{name} runs a room of its own, which --durable can't keep" in result.output
        assert not path.exists()


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "diary").write_text("dear diary")
    for command in (["serve", "websocket"], ["chat", "--no-open", "--port", "0"]):
        result = CliRunner().invoke(main, [*command, "--durable", str(path)])
        assert result.exit_code == 2
        assert result.output.splitlines()[-1] == (
            f"Error: {path} is no journal of rooms: it is left as it is"
        )
        assert path.read_text() == "dear diary"
