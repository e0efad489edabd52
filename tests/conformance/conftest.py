"""The conformance suite's door: every test of this folder runs on every wire that has a room.

A test that takes `wire` runs once for each wire, one that takes `pair` once for each two of those
that can share a room.
`@pytest.mark.needs(Capability.SOCKET)` leaves out the wires that don't declare that capability:
they are deselected when tests are collected, for there is nothing to skip.
"""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lab.contract import Capability, Transport
from transports import registry

HERE = Path(__file__).parent


@pytest.fixture(scope="session", params=registry.WIRES)
def wire(request: pytest.FixtureRequest) -> Transport:
    """Each wire of the registry in turn."""
    return _load(request.param)


@pytest.fixture(scope="session", params=itertools.combinations(registry.WIRES, 2), ids="+".join)
def pair(request: pytest.FixtureRequest) -> tuple[Transport, Transport]:
    """Each two wires of the registry in turn."""
    one, other = request.param
    return _load(one), _load(other)


@pytest.fixture
def nothing_left_open() -> Iterator[None]:
    """Whatever a test left open is found now: its ResourceWarning fails this test, not a later."""
    gc.freeze()  # what was there before is none of this test's, and takes long to search
    yield
    gc.collect()
    gc.unfreeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a wire does not claim to be able to do."""
    # The hook is given every test of the session, those of other folders too.
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    out = {item for item in ours if not _able(item)}
    if out:
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]


def _able(item: pytest.Item) -> bool:
    needed = {capability for mark in item.iter_markers("needs") for capability in mark.args}
    needed.add(Capability.ROOM)
    names = _wires_of(item)
    if len(names) > 1:
        needed.add(Capability.SHARED_ROOM)
    return all(needed <= _capabilities(name) for name in names)


def _wires_of(item: pytest.Item) -> tuple[str, ...]:
    callspec = getattr(item, "callspec", None)
    params = callspec.params if callspec is not None else {}
    return (params["wire"],) if "wire" in params else tuple(params.get("pair", ()))


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
        reason = f"{name} {missing}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
