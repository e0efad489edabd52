"""Faults of several nodes: each planted bug is found, and real nodes break no rule."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab import record
from lab.cli import main
from lab.cluster.programs import missing
from lab.faults.history import shrink, told
from lab.faults.run import Found, run_nodes
from lab.faults.script import Fault, Script
from tests.faults.planted_nodes import NODE_BUGS, InProcessNode, NodeBug, ShortBackplane
from tests.interop.conftest import needs
from transports import registry
from transports._shared.extras import missing as missing_package

SEEDS = range(1, 9)
KINDS: tuple[Fault, ...] = ("cut", "stall", "clock")
ENDS: tuple[Fault, ...] = ("cut off", "cut off", "kill")
OFTEN = 20
"""What ends a lease happens so many times more often than on real nodes."""
KILLED = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""A node that is killed in a process which goes on leaves connections and sockets open."""


@pytest.fixture(autouse=True)
def _needs_redis() -> None:
    needs(missing("redis-server") or missing_package("redis"))


def played(bug: NodeBug, seed: int, folder: Path) -> Found:
    """One run. What its killed nodes have left open is gone afterwards, too."""
    found = asyncio.run(_play(bug, seed, folder))
    gc.collect()
    return found


async def _play(bug: NodeBug, seed: int, folder: Path) -> Found:
    kinds = (*KINDS, *ENDS * OFTEN)
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
    folder.mkdir()
    async with ShortBackplane(folder, script.nodes) as backplane:
        nodes = [InProcessNode(bug, number, backplane.url(number)) for number in (1, 2, 3)]
        with pytest.MonkeyPatch.context() as patch:
            bug.plant(patch)
            return await run_nodes(registry.load("websocket"), nodes, script, backplane)


@KILLED
def test_without_a_bug_nothing_is_found(tmp_path: Path) -> None:
    found = played(NodeBug(), 1, tmp_path / "redis")
    assert [each.sentence for each in found.violations] == []
    assert found.acknowledged
    assert found.faults.keys() & {"node out", "kill"}


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


def test_real_nodes_lose_and_double_nothing(tmp_path: Path) -> None:
    words = ["faults", "--transport", "websocket", "--nodes", "2", "--seconds", "4", "--seed", "5"]
    result = CliRunner().invoke(main, [*words, "--results", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "lost 0, doubled 0, other violations 0" in result.output
    (folder,) = tmp_path.iterdir()
    written = record.load(folder)
    assert written.info.constants["nodes"] == 2
    (entry,) = written.passes[1].benchmarks
    assert entry.extra_info.expected > 0
