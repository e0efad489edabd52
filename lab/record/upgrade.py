"""Converts files of older schemas: their names become today's."""

from __future__ import annotations

from typing import Any

OLD_NAME = "wire"
"""The name of a transport in schema 1."""

LIMITS = {"limit-tcp": "one_each", "limit-gathered": "gathered"}
"""Baseline -> its `limit`, which schema 1 did not record."""

RENAMED_MEASURES = {("fan_out", "fan_out"): "window"}
"""(Experiment, measure) of schema 1 -> the measure's name today.

Schema 1 called the same measure by two names, by the size of the room.
"""


def run_info(found: Any, schema: int) -> Any:
    """Convert the content of a `run.json` of this schema."""
    if schema >= 2 or not isinstance(found, dict):
        return found
    renamed = _renamed(found, f"{OLD_NAME}s", "transports")
    transports = renamed.get("transports")
    if not isinstance(transports, dict):
        return renamed
    described = {name: _described(name, each) for name, each in transports.items()}
    return {**renamed, "transports": described}


def pass_file(found: Any, schema: int) -> Any:
    """Convert the content of a pass's file from a run of this schema.

    Content that does not have the documented shape stays as it is. The reader checks it later.
    """
    if schema >= 2 or not isinstance(found, dict) or not isinstance(found.get("benchmarks"), list):
        return found
    return {**found, "benchmarks": [_benchmark(each) for each in found["benchmarks"]]}


def _described(name: str, found: Any) -> Any:
    limit = LIMITS.get(name)
    return {**found, "limit": limit} if isinstance(found, dict) and limit else found


def _benchmark(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    return {**found, "extra_info": _counts(found.get("extra_info"))}


def _counts(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    counts = _renamed(found, OLD_NAME, "transport")
    named = str(found.get("experiment")), str(found.get("measure"))
    return {**counts, "measure": RENAMED_MEASURES[named]} if named in RENAMED_MEASURES else counts


def _renamed(found: Any, old: str, new: str) -> Any:
    if not isinstance(found, dict) or old not in found:
        return found
    return {new if key == old else key: value for key, value in found.items()}
