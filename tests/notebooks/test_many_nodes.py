"""What the lesson about many nodes says, with clusters, without them, and of recorded costs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from lab.chat.events import Arrived, Departed, LoggedEvent, Message
from lab.cluster.cluster import Plan
from lab.cluster.programs import ClusterError
from lab.cluster.reading import Read
from lab.notebook.lessons import backplane, joined, two_servers
from lab.notebook.lessons.backplane import JOINED, LIBRARY
from lab.notebook.lessons.joined import Member, Shared
from lab.notebook.lessons.many_nodes import capacity
from lab.notebook.lessons.two_servers import TURN, WEBSOCKET, Asked, Sessions

NO_REDIS = "redis-server is not installed: apt install redis-server"
EVENTS: list[LoggedEvent] = [
    Arrived("lobby", "bob", 2),
    Message("lobby", 3, "bob", "hello", 0),
    Departed("lobby", "bob", 4, "lost"),
]


@pytest.fixture
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a cluster needs is installed."""

    def refuse(plan: Plan) -> None:
        raise ClusterError(NO_REDIS)

    monkeypatch.setattr(backplane, "check", refuse)
    monkeypatch.setattr(joined, "check", refuse)


@pytest.mark.usefixtures("no_cluster")
def test_without_redis_the_reads_are_the_models() -> None:
    found = asyncio.run(backplane.count([1, 2]))
    assert found == backplane.predicted([1, 2], NO_REDIS)
    for text in (found.counted().markdown, found.counted().korean):
        assert NO_REDIS in text
        assert "| AsyncRedisManager | 100% | 62% |" in text
    assert found.percent(LIBRARY, 2) == 62.5
    assert found.percent(JOINED, 2) == 0
    assert found.percent(LIBRARY, 4) is None


def test_what_each_node_reads_by_the_model() -> None:
    found = backplane.predicted([1, 4], NO_REDIS).found
    assert list(found[LIBRARY]) == [Read(1, 40, 0), Read(4, 160, 62.5)]
    assert list(found[JOINED]) == [Read(1, 40, 40), Read(4, 102.5, 102.5)]


@pytest.mark.usefixtures("no_cluster")
def test_without_redis_no_node_is_killed() -> None:
    found = asyncio.run(joined.kill_a_node(1))
    assert found == Shared((), (), reason=NO_REDIS)
    assert NO_REDIS in found.shown().markdown
    assert NO_REDIS in found.shown().korean
    assert "Nothing" in found.answer().markdown
    assert found.departures() is None


def member(name: str, *got: tuple[int, LoggedEvent]) -> Member:
    found = Member(name, 1)
    found.got.extend(got)
    return found


def test_the_log_says_at_which_node_each_member_got_an_event() -> None:
    ann = member("ann", *((1, event) for event in EVENTS))
    bob = member("bob", (2, EVENTS[1]), (1, EVENTS[2]))
    shown = Shared((ann, bob), (3,), (3, 3)).shown().markdown.splitlines()
    assert shown[2:] == [
        "| 2 | `arrived bob` | 1 | – |",
        "| 3 | `message bob: hello` | 1 | 2 |",
        "| 4 | `departed bob: lost` | 1 | 1 |",
    ]


def test_a_text_that_a_member_lacks_is_lost_and_one_that_comes_again_doubled() -> None:
    ann = member("ann", (1, EVENTS[1]), (1, EVENTS[2]))
    bob = member("bob", (2, EVENTS[1]), (1, EVENTS[1]))
    said = Shared((ann, bob), (3, 5), (3, 6)).answer().markdown
    assert "Of **2** acknowledged texts **1** are lost, and **1** came twice" in said
    assert "member: **1**" in said
    assert "was number 3 and is number 6" in said


async def test_a_member_waits_for_an_event_that_comes_later() -> None:
    ann = member("ann")
    waiting = asyncio.ensure_future(ann.until(lambda event: event.seq == 3))
    for event in EVENTS[:2]:
        await asyncio.sleep(0)
        assert not waiting.done()
        ann.hear(event)
    await waiting


def test_a_server_that_cannot_run_is_left_out_and_named() -> None:
    asked = Asked("socketio", TURN, "POST", 2, 400, "no")
    found = Sessions((asked,), {"node-socketio": "needs Node 18 or newer"})
    for text in (found.shown().markdown, found.shown().korean):
        assert "| `socketio` |" in text
        assert "`node-socketio` needs Node 18 or newer." in text
    assert found.status(TURN) == 400
    assert found.status(WEBSOCKET) is None


async def test_a_poll_at_the_other_server_is_refused_and_a_websocket_is_not() -> None:
    found = await two_servers.talk(["socketio"])
    statuses = [(it.node, it.status) for it in found.asked]
    assert statuses == [(1, 200), (2, 400), (1, 200), (2, 101)]


def costs(**more: float) -> dict[str, object]:
    """One pass as `lab cluster --costs` writes it, as far as it is read."""
    return {"costs": {"said": 100, "foreign": 100, "concerned": 100, "more": 0}, **more}


def test_nodes_that_pay_for_each_message_alike_carry_no_more_than_one(tmp_path: Path) -> None:
    file = tmp_path / "costs.json"
    file.write_text(json.dumps({"nodes": 2, "passes": {"library": [costs()]}}))
    found = capacity(file)
    assert found.times("library") == pytest.approx(1)
    assert found.heeding[100] > 5 * found.heeding[1]
    assert found.percent(1) == 100
    assert "| 1 | 100% | 10,000 |" in found.shown().markdown
    assert "upper bounds" in found.shown().markdown
    assert "상한" in found.shown().korean


def test_a_run_that_measured_a_mixture_has_its_factor(tmp_path: Path) -> None:
    file = tmp_path / "costs.json"
    file.write_text(json.dumps({"nodes": 4, "passes": {"library": [costs(mixing=2)]}}))
    found = capacity(file)
    assert "| 1 | 100% | 5,000 |" in found.shown().markdown
    assert "upper bounds" not in found.shown().markdown
