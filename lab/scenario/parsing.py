"""Reads a scenario. Each error names the file, the line, the key, and what is allowed there."""

from __future__ import annotations

__pure__ = True

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from lab.scenario.lines import Lines, Place
from lab.scenario.schema import NAME, PATH, Scenario

_AT = re.compile(r" - at `\$?([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_STEPS = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_FIRST = re.compile(r"[a-z_]+(\[\d+\])?(\.[a-z_]+)*")
_TEXTS = {
    PATH: "a text that begins with /",
    NAME: "at most 40 of a-z, 0-9, '.', '_' and '-', the first a letter or a digit",
}
"""Pattern of a text -> what it allows."""
LONGEST_SHOWN = 60


class ScenarioError(ValueError):
    """A scenario can't be used. The message names the file, the line, the key, what is allowed."""


def parse(source: str, named: str) -> Scenario:
    """The scenario in this TOML text. `named`: the file's name, for errors.

    Raises:
        ScenarioError: it is no TOML, or a key is missing, unknown or wrong.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{named} is no TOML: {error}") from None
    return checked(data, named, Lines(source))


def checked(data: dict[str, Any], named: str, lines: Lines | None = None) -> Scenario:
    """The scenario in these tables. `lines`: where their keys stand in the file.

    Raises:
        ScenarioError: a key is missing, unknown or wrong.
    """
    try:
        return msgspec.convert(data, Scenario)
    except msgspec.ValidationError as error:
        place, sentence = _explain(str(error), data)
        line = lines.of(place) if lines is not None else None
        where = named if line is None else f"{named}, line {line}"
        raise ScenarioError(f"{where}: {sentence}") from None


def _explain(message: str, data: dict[str, Any]) -> tuple[Place, str]:
    """Where the fault is, and a sentence about it."""
    at = _AT.search(message)
    place = _place(at[1]) if at else ()
    what = _AT.sub("", message)
    if found := _UNKNOWN.search(what):
        return (*place, found[1]), _unknown(place, found[1])
    if found := _MISSING.search(what):
        missing = (*place, found[1])
        return place, f"{_dotted(missing)} is missing: it must be {_allowed(missing)}"
    if what.startswith(("Expected ", "Invalid ")):
        given = _shown(_value(data, place))
        return place, f"{_dotted(place)} must be {_allowed(place)}, not {given}"
    inside = (*place, *_named_first(what))
    table = _dotted(place)
    return inside, f"{table}: {what}" if table else what


def _unknown(place: Place, key: str) -> str:
    keys = [field.encode_name for field in _fields(_alternatives(_type_at(place)))]
    near = difflib.get_close_matches(key, keys, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    table = _dotted(place) or "a scenario"
    return f"{table} has no key {key}{hint}; it may have {', '.join(keys)}"


def _named_first(sentence: str) -> Place:
    """The key with which a sentence of `__post_init__` begins."""
    key = _FIRST.match(sentence)
    return _place(f".{key[0]}") if key else ()


def _place(path: str) -> Place:
    """The place in a path of msgspec, which does not name the keys of a table of texts."""
    steps = _STEPS.findall(path.partition("[...]")[0])
    return tuple(key if key else int(index) for key, index in steps)


def _dotted(place: Place) -> str:
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place)
    return text.removeprefix(".")


def _value(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, float) else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _type_at(place: Place) -> inspect.Type:
    found: inspect.Type = inspect.type_info(Scenario)
    for step in place:
        found = _inside(found, step)
    return found


def _inside(found: inspect.Type, step: str | int) -> inspect.Type:
    ways = _alternatives(found)
    if isinstance(step, int):
        return next(each.item_type for each in ways if isinstance(each, inspect.ListType))
    return next(field.type for field in _fields(ways) if field.encode_name == step)


def _alternatives(found: inspect.Type) -> Sequence[inspect.Type]:
    return found.types if isinstance(found, inspect.UnionType) else (found,)


def _fields(ways: Sequence[inspect.Type]) -> Iterator[inspect.Field]:
    for each in ways:
        if isinstance(each, inspect.StructType):
            yield from each.fields


def _allowed(place: Place) -> str:
    ways = [_described(each, place) for each in _alternatives(_type_at(place))]
    return " or ".join(dict.fromkeys(way for way in ways if way))


def _described(found: inspect.Type, place: Place) -> str:
    match found:
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(f'"{value}"' for value in values)
        case inspect.IntType() | inspect.FloatType():
            whole = "whole " if isinstance(found, inspect.IntType) else ""
            return f"a {whole}number {_range(found)}"
        case inspect.StrType():
            return _TEXTS.get(found.pattern or "", "a text")
        case inspect.ListType() if place[-1:] == ("setup",):
            return "tables, each as [[setup]]"
        case inspect.ListType(item_type=item) | inspect.DictType(value_type=item):
            kind = "list" if isinstance(found, inspect.ListType) else "table"
            return f"a {kind} of texts" if isinstance(item, inspect.StrType) else f"a {kind}"
        case inspect.StructType(fields=fields):
            return f"a table with {', '.join(field.encode_name for field in fields)}"
    return "true or false" if isinstance(found, inspect.BoolType) else ""


def _range(found: inspect.IntType | inspect.FloatType) -> str:
    least = f"from {found.ge:,}" if found.ge is not None else f"above {found.gt:,}"
    return least if found.le is None else f"{least} to {found.le:,}"
