"""`lab choose`: six questions, and the transport to take."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lab.bilingual import Bilingual, Language
from lab.choose.needs import FIELDS, MOST_PEOPLE, QUESTIONS, Choice, Field, Needs
from lab.cli.console import open_console
from lab.cli.evidence import evidence_options, load
from lab.cli.transports import separated
from lab.cli.values import Finite

NONE = "none"
DEFAULTS = Needs()
COUNTED = Bilingual("{number} of {count}: {title}", "{count}개 가운데 {number}번: {title}")
SEVERAL = Bilingual(
    "{prompt} (several with commas, or {none})", "{prompt} (여러 개는 쉼표로, 없으면 {none})"
)
OR_NONE = Bilingual("{prompt} (or {none})", "{prompt} (없으면 {none})")


class Several(click.ParamType[tuple[str, ...]]):
    """Some of a field's options, separated by commas, or `none`."""

    name = "several"

    def __init__(self, options: list[str]) -> None:
        self._options = options

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """See `click.ParamType`. Exit code 2 with the existing options."""
        if isinstance(value, tuple):
            return value
        known = [*self._options, NONE]
        words = separated(value, self, param, ctx, known)
        if unknown := [word for word in words if word not in known]:
            self.fail(f"{unknown[0]!r} is not one of {', '.join(known)}", param, ctx)
        if NONE in words and len(words) > 1:
            self.fail(f"{NONE} stands alone", param, ctx)
        return tuple(key for key in self._options if key in words)


class OrNone(click.ParamType[Any]):
    """A number, or `none` for no limit."""

    def __init__(self, kind: click.ParamType[Any]) -> None:
        self.name = f"{kind.name} or {NONE}"
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType`."""
        return None if value == NONE else self._kind.convert(value, param, ctx)


def _type(field: Field) -> click.ParamType[Any]:
    if isinstance(field, Choice):
        options = list(field.options)
        return Several(options) if field.several else click.Choice(options)
    kind: click.ParamType[Any] = Finite(field.low, field.high)
    if field.whole:
        kind = click.IntRange(int(field.low), int(field.high))
    return OrNone(kind) if field.optional else kind


def _flag(field: Field) -> str:
    return f"--{field.name.replace('_', '-')}"


def _default(field: Field) -> str:
    """The default as it is written on the command line."""
    value = getattr(DEFAULTS, field.name)
    if isinstance(value, tuple):
        return ",".join(value) or NONE
    return NONE if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _heading(field: Field) -> str:
    prompt = field.prompt.english
    return prompt if isinstance(field, Choice) else f"{prompt}."


def _options(field: Field) -> list[str]:
    options = field.options if isinstance(field, Choice) else {}
    return [f"{key}: {option.meaning.english}." for key, option in options.items()]


def _question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each field, in the order of the questions."""
    for field in reversed(FIELDS.values()):
        named = NONE if isinstance(field, Choice) and field.several else ""
        command = click.option(
            _flag(field),
            field.name,
            type=_type(field),
            metavar=_metavar(field, named),
            help=" ".join([_heading(field), *_options(field), f"Default: {_default(field)}."]),
        )(command)
    return command


def _metavar(field: Field, named: str) -> str:
    if isinstance(field, Choice):
        names = [*field.options, *([named] if named else [])]
        return ",".join(names[:2]) + ",..." if field.several else "|".join(names)
    return "NUMBER"


@click.command(
    epilog="Example: lab choose --server python --members 10000 --rooms 1 --rate 5 --features rooms"
)
@_question_options
@evidence_options
@click.option(
    "--language",
    "--lang",
    "language",
    type=click.Choice([str(language) for language in Language]),
    default=str(Language.ENGLISH),
    show_default=True,
    help="The language of the questions and the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def choose(run: str | None, results: Path, language: str, as_json: bool, **answers: Any) -> None:
    """Say which transport to take, why, and what would change it.

    Without options it asks six questions. With the answer to any of them it asks nothing, and the
    others have their defaults. Beneath each sentence is the command that repeats the experiment
    behind it. It needs no network. docs/choose.md has five readers and their answers.
    """
    given = {name: value for name, value in answers.items() if _was_given(name)}
    spoken = Language(language)
    needs = Needs(**(given or _ask(spoken)))
    _check_people(needs)
    _show(needs, run, results, spoken, as_json)


def _was_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _check_people(needs: Needs) -> None:
    people = needs.members * needs.rooms
    if people > MOST_PEOPLE:
        raise click.BadParameter(
            f"{needs.members:,} members × {needs.rooms:,} rooms are {people:,} people; "
            f"at most {MOST_PEOPLE:,}",
            param_hint="--members, --rooms",
        )


def _ask(language: Language) -> dict[str, Any]:
    """Ask the six questions. Exit code 2 with the options where nobody can answer."""
    if not sys.stdin.isatty():
        flags = ", ".join(map(_flag, FIELDS.values()))
        raise click.UsageError(
            f"nobody can answer here (stdin is no terminal): give any of {flags}"
        )
    answers = {}
    for number, question in enumerate(QUESTIONS, 1):
        title = COUNTED.fill(number=number, count=len(QUESTIONS), title=question.title)
        click.secho(f"\n{title.of(language)}", bold=True, err=True)
        for field in question.fields:
            answers[field.name] = _ask_for(field, language)
    return answers


def _ask_for(field: Field, language: Language) -> Any:
    if isinstance(field, Choice):
        for key, option in field.options.items():
            click.echo(f"  {key:9} {option.meaning.of(language)}", err=True)
    return click.prompt(
        prompt(field).of(language),
        type=_type(field),
        default=_default(field),
        show_choices=False,
        err=True,
    )


def prompt(field: Field) -> Bilingual:
    """What a terminal asks for the field."""
    if isinstance(field, Choice):
        return SEVERAL.fill(prompt=field.prompt, none=NONE) if field.several else field.prompt
    return OR_NONE.fill(prompt=field.prompt, none=NONE) if field.optional else field.prompt


def _show(needs: Needs, run: str | None, results: Path, language: Language, as_json: bool) -> None:
    from lab.choose import bundle, text
    from lab.choose.decide import decide
    from lab.choose.facts import Facts

    evidence = load(run, results)
    decision = decide(Facts(needs, evidence, bundle.load()))
    if as_json:
        values = text.as_values(needs, decision, evidence, language)
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
        return
    console = open_console(highlight=False, markup=False)
    for line in text.lines(needs, decision, evidence, language):
        console.print(text.wrapped(line, console.width), soft_wrap=True)
