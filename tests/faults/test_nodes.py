"""Faults of several nodes: each planted bug is found, and real nodes break no rule."""

from __future__ import annotations

import asyncio
import gc
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab import record
from lab.cli import main
from lab.cluster.programs import missing
from lab.faults.clock import Clock
from lab.faults.disk import SmallDisk, small_disk
from lab.faults.history import shrink, told
from lab.faults.nodes import NodeProcess, RedisBackplane, joined_nodes
from lab.faults.run import Found, run_nodes
from lab.faults.script import ON_NODES, Fault, Script
from tests.faults.planted_nodes import ENDS, NODE_BUGS, InProcessNode, NodeBug, ShortBackplane
from tests.interop.conftest import needs
from tests.transports.needs_node import needs_node
from transports import registry
from transports._shared.extras import missing as missing_package

SEEDS = range(1, 9)
KINDS: tuple[Fault, ...] = ("cut", "stall", "clock")
FULL: tuple[Fault, ...] = ("full memory", "full disk")
OFTEN = 20
"""What a bug needs happens so many times more often than on real nodes."""
KILLED = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""A node that is killed in a process which goes on leaves connections and sockets open."""


@pytest.fixture(autouse=True)
def _needs_redis() -> None:
    needs(missing("redis-server") or missing_package("redis"))


def played(bug: NodeBug, seed: int, folder: Path) -> Found:
    """One run. What its killed nodes have left open is gone afterwards, too."""
    with ExitStack() as stack:
        disk, left_out = small_disk(stack, folder)
        if disk is None and bug.kinds == ("full disk",):
            pytest.skip(left_out[0])
        found = asyncio.run(_play(bug, seed, folder, disk))
    gc.collect()
    return found


async def _play(bug: NodeBug, seed: int, folder: Path, disk: SmallDisk | None) -> Found:
    needed = tuple(kind for kind in bug.kinds if disk is not None or kind != "full disk")
    kinds = (*KINDS, *needed * OFTEN)
    script = Script(
        seconds=4,
        seed=seed,
        clients=8,
        every_s=0.1,
        kinds=kinds,
        durable=True,
        nodes=3,
        read_s=4,
    )
    async with ShortBackplane(folder, script.nodes, bug.fsync, disk) as backplane:
        nodes = [InProcessNode(bug, number, backplane.url(number)) for number in (1, 2, 3)]
        with pytest.MonkeyPatch.context() as patch:
            bug.plant(patch)
            return await run_nodes(registry.load("websocket"), nodes, script, backplane)


@KILLED
def test_without_a_bug_nothing_is_found(tmp_path: Path) -> None:
    found = played(NodeBug(kinds=(*ENDS, *FULL)), 1, tmp_path / "redis")
    assert [each.sentence for each in found.violations] == []
    assert found.acknowledged
    assert found.faults.keys() & {"node out", "kill"}
    assert found.faults["full memory"] > 0


@KILLED
@pytest.mark.parametrize("name", NODE_BUGS)
def test_a_bug_is_found_within_a_few_seeds(name: str, tmp_path: Path) -> None:
    bug = NODE_BUGS[name]
    for seed in SEEDS:
        found = played(bug, seed, tmp_path / str(seed))
        rules = {each.rule for each in found.violations}
        if rules & set(bug.rules):
            break
    else:
        pytest.fail(f"not found in {len(SEEDS)} seeds")
    rule = next(each.rule for each in found.violations if each.rule in bug.rules)
    smallest, violation = shrink(found.history, rule, durable=True)
    assert len(smallest) < len(found.history)
    assert told(smallest, violation).startswith(f"{rule}: ")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--transport", "websocket", "--durable"], "leave --nodes away"),
        (["--transport", "limit-tcp"], "a room of its own, which no other node can share"),
    ],
    ids=["durable", "a room of its own"],
)
def test_what_it_refuses(words: list[str], complaint: str) -> None:
    result = CliRunner().invoke(main, ["faults", "--nodes", "2", *words], terminal_width=200)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("websocket", "4"), pytest.param("node-socketio-websocket", "2", marks=needs_node)],
    ids=["Python", "Node"],
)
def test_real_nodes_lose_and_double_nothing(name: str, seconds: str, tmp_path: Path) -> None:
    words = ["faults", "--transport", name, "--nodes", "2", "--seconds", seconds, "--seed", "5"]
    result = CliRunner().invoke(main, [*words, "--results", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "lost 0, doubled 0, other violations 0" in result.output
    (folder,) = tmp_path.iterdir()
    written = record.load(folder)
    assert written.info.constants["nodes"] == 2
    (entry,) = written.passes[1].benchmarks
    assert entry.extra_info.expected > 0


@needs_node
async def test_a_node_in_python_and_one_in_node_lose_and_double_nothing(tmp_path: Path) -> None:
    with ExitStack() as stack:
        disk, _ = small_disk(stack, tmp_path / "redis")
        full = FULL if disk is not None else ("full memory",)
        kinds: tuple[Fault, ...] = (*KINDS, "kill", "cut off", "kill Redis", *full * 3)
        script = Script(seconds=3, seed=3, kinds=kinds, durable=True, nodes=2)
        async with RedisBackplane(tmp_path / "redis", script.nodes, disk=disk) as backplane:
            subjects = [
                NodeProcess(name, number, backplane.url(number), Clock(tmp_path / f"{number}"))
                for number, name in enumerate(("websocket", "node-websocket"), 1)
            ]
            found = await run_nodes(registry.load("websocket"), subjects, script, backplane)
    assert [each.sentence for each in found.violations] == []
    assert found.acknowledged


async def test_where_no_disk_can_be_full_the_rest_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.faults.disk.SIZE", "none")
    async with joined_nodes(registry.load("websocket"), 2) as ready:
        (reason,) = ready.left_out
        assert reason.startswith("no full disk: a small disk needs ")
        assert ready.kinds == ON_NODES
