"""Fixtures of the conformance suite: each test runs on every transport with a room.

A test that takes `transport` runs once for each transport, one that takes `pair` once for each two
of those that can share a room. `@pytest.mark.needs(Capability.SOCKET)` leaves out the transports
that don't declare that capability: they are deselected when tests are collected, for there is
nothing to skip.

The tests of `ROOM` run once more on two nodes that a Redis server joins. What joins them is the
same for all transports, so a few of these do; the others have the tests of `SMOKE` instead.
"""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lab.contract import Capability, Transport
from tests.conformance import served
from tests.interop.conftest import needs
from transports import registry
from transports._shared.extras import missing as missing_package

HERE = Path(__file__).parent
ROOM = (
    "test_bursts",
    "test_lives",
    "test_order",
    "test_refusals",
    "test_replay",
    "test_table",
    "test_text",
    "test_transcripts",
)
"""The modules that say what the room means."""
SMOKE = "test_on_nodes"
"""The module of which every test runs on two nodes."""
ON_NODES = ("websocket", "socketio", "websocket-tuned", "socketio-tuned")
MIXED = ("node-websocket+websocket", "node-websocket+node-socketio-polling")
"""The transports of two nodes whose servers are different programs. They run `SMOKE`, too."""
MIXED_ROOM = ("test_lives", "test_order", "test_replay", "test_transcripts")
"""The modules of `ROOM` that the first of these pairs runs as well."""
NODES = "-on-two-nodes"
"""The end of the parameter of a test whose server is two nodes."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on every transport, those of the room on two nodes as well."""
    if "transport" in metafunc.fixturenames:
        names = list(registry.TRANSPORTS)
        module = metafunc.module.__name__.rpartition(".")[2]
        if module in ROOM:
            mixed = MIXED[:1] if module in MIXED_ROOM else ()
            names += [f"{name}{NODES}" for name in (*ON_NODES, *mixed)]
        elif module == SMOKE:
            names = [f"{name}{NODES}" for name in (*names, *MIXED) if name not in ON_NODES]
        metafunc.parametrize("transport", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def transport(request: pytest.FixtureRequest) -> Transport:
    """Each transport of the registry in turn."""
    return _load(_names_of(request.param)[0])


def _names_of(param: str) -> list[str]:
    """The transport of one server, or those of two nodes."""
    return param.removesuffix(NODES).split("+")


@pytest.fixture(autouse=True)
def _on_nodes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and str(callspec.params.get("transport")).endswith(NODES):
        monkeypatch.setattr(served, "joined_by", request.getfixturevalue("joining_redis"))
        monkeypatch.setattr(
            served, "other_node", _load(_names_of(callspec.params["transport"])[-1])
        )


@pytest.fixture(scope="session")
def joining_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server that joins nodes: its URL."""
    needs(missing_package("redis"))
    from tests.journal.redis_rooms import redis_for_all

    with redis_for_all(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(
    scope="session", params=itertools.combinations(registry.TRANSPORTS, 2), ids="+".join
)
def pair(request: pytest.FixtureRequest) -> tuple[Transport, Transport]:
    """Each two transports of the registry in turn."""
    one, other = request.param
    return _load(one), _load(other)


@pytest.fixture
def nothing_left_open() -> Iterator[None]:
    """Find what a test left open, so that its ResourceWarning fails this test, not a later one."""
    gc.freeze()  # what was there before is none of this test's, and takes long to search
    yield
    gc.collect()
    gc.unfreeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need a capability which the transport does not declare."""
    # The hook is given every test of the session, those of other folders too.
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    out = {item for item in ours if not _able(item)}
    if out:
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]


def _able(item: pytest.Item) -> bool:
    needed = {capability for mark in item.iter_markers("needs") for capability in mark.args}
    needed.add(Capability.ROOM)
    params = item.callspec.params if hasattr(item, "callspec") else {}
    if "transport" not in params:
        both = params.get("pair", ())
        needed |= {Capability.SHARED_ROOM} if both else set()
        return all(needed <= _capabilities(name) for name in both)
    names = _names_of(params["transport"])
    joinable = {Capability.SHARED_ROOM, Capability.JOINED_ROOM}
    if params["transport"].endswith(NODES) and not all(
        joinable & _capabilities(it) for it in names
    ):
        return False
    return needed <= _capabilities(names[0])


@cache
def _capabilities(name: str) -> frozenset[Capability]:
    try:
        return registry.load(name).capabilities
    except registry.UnavailableError:
        return frozenset(Capability)  # kept, so that each of its tests says why it can't run


def _load(name: str) -> Transport:
    try:
        return registry.load(name)
    except registry.UnavailableError as missing:
        needs(f"{name} {missing}")
        raise
