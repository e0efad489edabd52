"""Each planted bug is found within a few seeds, and without a bug nothing is found."""

from __future__ import annotations

import pytest

from lab.faults.history import shrink, told
from lab.faults.picture import draw
from lab.faults.run import Found, run
from lab.faults.script import Fault, Script
from tests.faults.planted import BUGS, Bug, InProcess
from transports import registry

SEEDS = range(1, 13)
CUTS: tuple[Fault, ...] = ("cut", "cut all", "stall")
EVEN = 4
"""What a bug needs besides cuts happens so many times more often than on real servers."""
KINDS: list[tuple[Fault, ...]] = [("clock",), ("kill", "clock"), ("full disk", "clock")]


async def played(bug: Bug, seed: int) -> Found:
    kinds = (*CUTS, *bug.kinds * EVEN)
    script = Script(
        seconds=5, seed=seed, cuts=12, every_s=0.06, kinds=kinds, durable=bug.durable, read_s=4
    )
    return await run(registry.load("websocket"), InProcess(bug), script)


@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
async def test_without_a_bug_nothing_is_found(kinds: tuple[Fault, ...]) -> None:
    found = await played(Bug(kinds=kinds), seed=1)
    assert [each.sentence for each in found.violations] == []
    assert found.acknowledged
    assert found.faults["connections cut"] > 0


@pytest.mark.parametrize("name", BUGS)
async def test_a_bug_is_found_within_a_few_seeds(name: str) -> None:
    bug = BUGS[name]
    for seed in SEEDS:
        found = await played(bug, seed)
        rules = {each.rule for each in found.violations}
        if rules & set(bug.rules):
            break
    else:
        pytest.fail(f"not found in {len(SEEDS)} seeds")
    rule = next(each.rule for each in found.violations if each.rule in bug.rules)
    smallest, violation = shrink(found.history, rule, durable=bug.durable)
    assert len(smallest) < len(found.history)
    assert violation.rule == rule
    assert told(smallest, violation).startswith(f"{rule}: ")
    assert draw(smallest, violation).count("<circle") == len(smallest)
