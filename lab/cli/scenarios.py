"""Finds a scenario by the name of an example or by its file, and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import click
import msgspec

from lab.scenario import Scenario, ScenarioError, checked, parse

LONGEST_BYTES = 1 << 20


def examples() -> dict[str, str]:
    """Name -> TOML of each scenario that ships."""
    folder = resources.files("lab.scenario").joinpath("examples")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".toml")
    }


def read_scenario(name: str) -> tuple[Scenario, Path]:
    """The scenario called `name`, or in the file at that path, and the folder of its commands.

    Raises:
        click.UsageError: there is none, or it is wrong. The message has the line and the key.
    """
    path = Path(name)
    source = examples().get(name)
    try:
        if source is not None:
            return parse(source, name), Path()
        if path.stat().st_size > LONGEST_BYTES:
            raise click.UsageError(f"{name} is too large for a scenario")
        return parse(path.read_text(encoding="utf-8"), path.name), path.parent
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise click.UsageError(str(error)) from error
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise click.UsageError(
            f"the scenario {name} can't be read ({reason}); give a file, or one of "
            f"{', '.join(examples())}"
        ) from error


def changed(scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    """The scenario with these options in place of the keys of its load; None: as it was.

    Raises:
        click.UsageError: they do not fit together.
    """
    options = {key: value for key, value in given.items() if value is not None}
    tables: dict[str, Any] = msgspec.to_builtins(scenario)
    load: dict[str, Any] = tables.get("load", {})
    replaced = {"rate": ("in_flight", "messages"), "duration": ("messages",)}
    for key in (each for option in options for each in replaced.get(option, ())):
        load.pop(key, None)
    try:
        return checked({**tables, "load": {**load, **options}}, "the scenario with the options")
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
