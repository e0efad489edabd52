"""`lab bench --target`: a server that is not the lab's, in the same passes as its transports."""

from __future__ import annotations

import signal
from pathlib import Path

import msgspec
import psutil
import pytest
from click.testing import CliRunner, Result

from lab import record
from lab.cli import main
from lab.contract import Capability
from lab.load.scenario.experiments import left_out
from lab.load.scenario.own import own_scenario
from lab.scenario import Scenario
from tests.cli.bench.test_command import PATIENCE_S, benching, eventually, run_json
from tests.cli.suite import still_at_work
from tests.interop.conftest import needs
from tests.load.scenario.sites import SERVERS, command, free_port, native
from transports import registry


def bench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["bench", *map(str, arguments)], env={"COLUMNS": "120"})


def written(folder: Path, *, url: bool = True) -> Path:
    """The get-started chat, with its server's command."""
    server = command("node", "chat.cjs", "{port}")
    path = folder / "chat.toml"
    path.write_text(
        'name = "chat"\nanswer = "echo"\n'
        + (f'url = "http://localhost:{free_port()}"\n' if url else "")
        + 'connect = {transport = "socketio", query = {token = "env:HOME"}}\n'
        'send = {event = "chat message", args = ["{id} {text:55}"]}\n'
        'broadcast = {to = "everybody"}\n'
        f"[server]\ncommand = {server.command}\ncwd = '{SERVERS}'\n"
        f"env = {{NODE_PATH = '{server.env['NODE_PATH']}'}}\n"
    )
    return path


def test_a_target_is_measured_beside_a_transport(tmp_path: Path) -> None:
    options = ("--transports", "websocket", "--passes", "1", "--rounds", "1", "--seed", "1")
    result = bench("--target", written(tmp_path), *options, "--results", tmp_path / "results")
    assert result.exit_code == 0, result.output
    (folder,) = (path.parent for path in (tmp_path / "results").glob("*/run.json"))
    run = record.load(folder)
    assert (run.info.status, run.transports) == ("complete", ["chat", "websocket"])
    for name in ("connect_p50_ms", "rtt_p50_us", "last_of_10_p50_us", "deliveries_per_s_100"):
        for transport in run.transports:
            assert run.values(transport, record.BY_KEY[name]), (name, transport)
    assert run.values("chat", record.BY_KEY["server_cpu_us_per_delivery_100"])
    assert "chat.toml" not in " ".join(run.info.command)
    assert "chat: RTT, p50 " in result.output


def test_ctrl_c_keeps_the_finished_passes_and_leaves_no_process(tmp_path: Path) -> None:
    results = tmp_path / "results"
    target = ("--target", str(written(tmp_path)), "--transports", "websocket")
    options = (*target, "--experiment", "latency", "--passes", "3", "--rounds", "1", "--seed", "1")
    with benching(results, *options) as process:
        eventually(
            process, lambda: len(run_json(results).get("passes", [])) >= 1, "a pass was kept"
        )
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, output
    assert still_at_work(children) == []
    assert "Traceback" not in output
    assert "--resume" not in output, "no run of a target goes on later"
    run = record.find(None, [results])[0]
    assert (run.info.status, len(run.passes) < 3) == ("partial", True)
    assert run.values("chat", record.BY_KEY["rtt_p50_us"])


REFUSED = {
    "no url": ([], "has no url"),
    "another experiment": (["--experiment", "memory"], "--target measures handshake, latency"),
    "a browser": (["--client", "browser"], "--target is not for --client"),
    "no server": ([], "nothing listens at localhost"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_no_target_can_be_measured_by_is_refused(kind: str, tmp_path: Path) -> None:
    more, sentence = REFUSED[kind]
    file = written(tmp_path, url=kind != "no url")
    if kind == "no server":
        file.write_text(file.read_text().partition("[server]")[0])
    result = bench(
        "--target", file, *more, "--transports", "websocket", "--results", tmp_path / "r"
    )
    assert result.exit_code == 2, result.output
    assert sentence in " ".join(result.output.split())


def test_what_a_scenario_can_not_measure_is_said() -> None:
    assert left_out(native(answer="echo")) == []
    assert [each.partition(":")[0] for each in left_out(native(broadcast={"to": "others"}))] == [
        "RTT",
        "until the last of a room has it",
    ]
    assert any("no broadcast" in each for each in left_out(native(broadcast=None, answer="echo")))


@pytest.mark.parametrize("name", registry.TRANSPORTS)
def test_the_room_has_a_scenario_where_a_client_of_one_speaks(name: str) -> None:
    try:
        transport = registry.load(name)
    except registry.UnavailableError as error:
        needs(f"{name} {error}")
        raise
    spoken = {Capability.NATIVE_FRAMES, Capability.DEFAULT_PARSER} & transport.capabilities
    found = own_scenario(transport)
    assert (found is not None) == bool(spoken)
    if found is not None:
        assert msgspec.convert(msgspec.to_builtins(found), Scenario) == found
        assert left_out(found) == []
