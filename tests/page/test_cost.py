"""The page's server answers what a chat costs, with the computation of `lab cost`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from lab.answer.gather import gather
from lab.cost.model import STACKS, cost
from lab.cost.plan import Plan
from tests.page.visitor import served

QUERY = {"users": "1000", "rooms": "10", "rate": "0.1", "text_bytes": "64", "hours": "24"}


async def asked(http: aiohttp.ClientSession, url: str, **query: str) -> tuple[int, Any]:
    async with http.get(f"{url}cost", params=query) as response:
        return response.status, await response.json()


async def test_a_cost_is_that_of_lab_cost_and_a_wrong_plan_is_named(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    async with served(tmp_path) as page, aiohttp.ClientSession() as http:
        for per in ("user", "room"):
            plan = Plan(users=1_000, rooms=10, rate=0.1, per=per)
            expected = msgspec.to_builtins(cost(plan, gather(None, [tmp_path]), STACKS))
            status, found = await asked(http, page.url, **QUERY, per=per)
            assert status == 200
            assert (found.pop("own"), sorted(found.pop("reference"))) == (None, ["date", "machine"])
            assert found == msgspec.json.decode(msgspec.json.encode(expected))
        wrong = {
            "users": ("0", 1e9),
            "rooms": ("1001", 1_000),
            "rate": ("nan", 1e6),
            "text_bytes": ("6.5", 1e6),
            "hours": ("", 24),
        }
        for field, (value, high) in wrong.items():
            with subtests.test(field):
                status, found = await asked(http, page.url, **(QUERY | {field: value}))
                assert (status, found["field"], found["high"]) == (400, field, high)


async def test_a_shared_page_tells_only_those_with_its_token(tmp_path: Path) -> None:
    async with served(tmp_path, token="s3cret") as page, aiohttp.ClientSession() as http:
        bare = page.url.partition("?")[0]
        async with http.get(f"{bare}cost", params=QUERY) as refused:
            assert refused.status == 403
        assert (await asked(http, bare, **QUERY, token="s3cret"))[0] == 200
