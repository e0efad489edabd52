"""Answers what a chat costs, for the page: the computation of `lab cost`, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec
from aiohttp import web

from lab.answer.evidence import Evidence
from lab.cost.model import STACKS, cost
from lab.cost.plan import PlanError, parse


class CostAnswers:
    """The evidence is read at the first question and kept: a run that follows is not in it."""

    def __init__(self, results: Path) -> None:
        self._results = results
        self._evidence: asyncio.Future[Evidence] | None = None

    async def answer(self, query: Mapping[str, str]) -> web.Response:
        """The cost of the plan in the query. 400 with the field and its range if there is none."""
        try:
            plan = parse(query)
        except PlanError as error:
            values = {"field": error.field, "low": error.low, "high": error.high}
            return web.json_response(values, status=400)
        evidence = await self._gathered()
        own, packaged = evidence.own, evidence.reference[0]
        values = msgspec.to_builtins(cost(plan, evidence, STACKS)) | {
            "own": own[0].run if own else None,
            "reference": {"machine": packaged.machine, "date": packaged.date},
        }
        return web.json_response(values, headers={"Cache-Control": "no-store"})

    async def _gathered(self) -> Evidence:
        if self._evidence is None:
            self._evidence = asyncio.ensure_future(asyncio.to_thread(_gather, self._results))
        return await asyncio.shield(self._evidence)


def _gather(results: Path) -> Evidence:
    # This imports SciPy: a chat does not need to wait for it.
    from lab.answer.gather import gather  # noqa: PLC0415

    return gather(None, [results])
