"""All the experiments at once: `python -m docs.upstream`, what each finds as one JSON object."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any

from docs.upstream.telling import EXPERIMENTS


async def observe() -> dict[str, Any]:
    """What each experiment finds, by its name."""
    modules = [importlib.import_module(f"docs.upstream.{name}") for name in EXPERIMENTS]
    found = await asyncio.gather(*(module.observe() for module in modules))
    return dict(zip(EXPERIMENTS, found, strict=True))


if __name__ == "__main__":
    json.dump(asyncio.run(observe()), sys.stdout)
