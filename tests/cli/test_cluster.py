"""`lab cluster`, as a person runs it: what it starts, what it says, what it leaves."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cluster import programs
from lab.cluster.proxies import CONFIGURATIONS, Site
from tests.cli.suite import still_at_work
from tests.interop.conftest import needs
from transports._shared.extras import missing as missing_package

COMMAND = [sys.executable, "-m", "lab.cli", "cluster"]
PATIENCE_S = 120


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cluster", *arguments])


@contextmanager
def clustering(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """The command in a process of its own, and the processes that it names."""
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, list(_named(process))
        finally:
            process.kill()


def _named(process: subprocess.Popen[str]) -> Iterator[psutil.Process]:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("lacks"):  # these lines come after the parts
            return
        pid = re.search(r"pid (\d+)$", line)
        assert pid is not None, line
        yield psutil.Process(int(pid[1]))
    raise AssertionError(process.communicate(timeout=PATIENCE_S))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda it: it.name)
def test_it_leaves_no_process_and_no_file(number: signal.Signals) -> None:
    needs(missing_package("redis"))
    needs(programs.missing("redis-server") or programs.missing("nginx"))
    with clustering("--nodes", "2", "--proxy", "nginx") as (process, parts):
        assert len(parts) == 4
        (folder,) = {it.cwd() for it in parts if it.name() in {"redis-server", "nginx"}}
        keepers = psutil.Process(process.pid).children()
        process.send_signal(number)
        process.wait(PATIENCE_S)
        psutil.wait_procs([*parts, *keepers], PATIENCE_S)
        assert not still_at_work([*parts, *keepers])
        assert not Path(folder).exists()


@pytest.mark.parametrize("proxy", CONFIGURATIONS)
def test_it_prints_a_configuration_alone(proxy: str) -> None:
    shown = run("--print-config", proxy, "--nodes", "3", "--sticky", "none")
    nodes = tuple(f"127.0.0.1:{port}" for port in (3101, 3102, 3103))
    assert shown.output == CONFIGURATIONS[proxy](Site(nodes=nodes, sticky="none"))  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--proxy", "nginx"], "nginx is not installed: apt install nginx"),
        (["--proxy", "haproxy"], "haproxy is not installed: apt install haproxy"),
        (["--proxy", "caddy"], "caddy is not installed: apt install caddy"),
        (["--transport", "loopback"], "loopback has no socket"),
        (["--transport", "none"], "no transport 'none'"),
        (["--nodes", "0"], "--nodes"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, list) else "",
)
def test_what_is_missing_or_wrong_is_said_before_anything_starts(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "ADMIN_PATHS", "")
    monkeypatch.setenv("PATH", "")
    shown = run("--transport", "websocket", *arguments)
    assert shown.exit_code == 2
    assert said in " ".join(shown.output.split())


def test_without_a_redis_server_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    needs(missing_package("redis"))
    monkeypatch.setattr(programs, "ADMIN_PATHS", "")
    monkeypatch.setenv("PATH", "")
    shown = run()
    assert shown.exit_code == 2
    assert "redis-server is not installed: apt install redis-server" in shown.output


def test_it_joins_the_nodes_of_a_transport_whose_server_is_in_python() -> None:
    needs(missing_package("redis"))
    needs(programs.missing("redis-server"))
    command = [*COMMAND, "--nodes", "2", "--transport", "websocket"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            parts = [process.stdout.readline().split()[0] for _ in range(3)]
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert parts == ["node", "node", "redis"]
    assert "lacks" not in rest, "nodes that share one room lack nothing of it"
    assert process.returncode == 0


def test_a_port_that_is_taken_or_means_nothing_is_refused_before_anything_starts() -> None:
    needs(missing_package("redis"))
    needs(programs.missing("redis-server") or programs.missing("nginx"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        shown = run("--transport", "websocket", "--proxy", "nginx", "--port", port)
    assert shown.exit_code == 2
    assert f"Error: can't listen on 127.0.0.1:{port}: Address already in use\n" in shown.output
    shown = run("--transport", "websocket", "--port", port)
    assert shown.exit_code == 2
    assert "Error: --port is the proxy's: add --proxy\n" in shown.output
