"""A page and a browser for all the tests of a file: each has people of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio

from tests.page.web import Person, Served, looking

BROKEN = ("Failed to load resource: ", "WebSocket connection to ")
"""How a browser's own words begin, on the console, about a connection that ended too early."""


class Visit(Protocol):
    """Opens the page in a browser profile of its own; see `Browser.new_context` for the names.

    `breaks`: connections will end too early, of which the browser may complain.
    """

    async def __call__(self, *, breaks: bool = False, **context: Any) -> Person: ...


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page keeps its races."""
    return tmp_path_factory.mktemp("results")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(results: Path) -> AsyncIterator[Served]:
    async with looking(results) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def visit(served: Served) -> AsyncIterator[Visit]:
    """Whoever came goes again; what their pages complained of on the console fails the test."""
    people: dict[Person, bool] = {}

    async def come(*, breaks: bool = False, **context: Any) -> Person:
        person = await served.person(**context)
        people[person] = breaks
        return person

    async with AsyncExitStack() as leaving:
        yield come
        for person in people:
            leaving.push_async_callback(person.tab.context.close)
    complaints = [
        complaint
        for person, breaks in people.items()
        for complaint in person.complaints
        if not (breaks and complaint.startswith(BROKEN))
    ]
    assert complaints == []
