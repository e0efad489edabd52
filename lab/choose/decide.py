"""Applies the rules to one reader's needs, and finds what would change the recommendation."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from lab.answer.span import Span
from lab.bilingual import Bilingual
from lab.choose.conditions import CONDITIONS, undecided
from lab.choose.constraints import CONSTRAINTS, Constraint
from lab.choose.facts import CANDIDATES, Facts, Sentence, shown
from lab.choose.needs import FIELDS, LESS, MORE, NO_FEATURES, Amount, Choice, Needs
from lab.choose.preferences import PREFERENCES, Preference
from lab.choose.price import price

BESIDE = 1e-9
"""How far beside a number the rules are asked, as a part of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Another answer to one question, and the candidate that it leads to."""

    field: str
    condition: Bilingual
    candidate: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The recommendation.

    `candidate`, and `transport`, which stands for it in the lab. `reasons`: what decided. `price`:
    what it costs against plain WebSocket. `conditions`: what has to hold. `changes`: what would
    change it. `unmet`: needs that no candidate meets together with the others. `brief`: the
    decisive reason in half a sentence.
    """

    candidate: str
    transport: str
    reasons: list[Sentence]
    price: list[Sentence]
    conditions: list[Sentence]
    changes: list[Change]
    unmet: list[Sentence]
    brief: Bilingual


def decide(facts: Facts) -> Decision:
    """The recommendation for these needs."""
    found = _apply(facts)
    return Decision(
        candidate=found.chosen,
        transport=facts.transport(found.chosen),
        reasons=[
            found.preference.why(facts),
            *(one.why(facts, out) for one, out in found.applied.items()),
        ],
        price=price(facts, found.chosen),
        conditions=[
            *(one.sentence for one in CONDITIONS if one.applies(facts.needs, found.chosen)),
            *undecided(facts),
        ],
        changes=list(_changes(facts, found.chosen)),
        unmet=[one.why(facts, out) for one, out in found.unmet.items()],
        brief=_brief(facts, found),
    )


def _brief(facts: Facts, found: _Applied) -> Bilingual:
    """The last constraint that counted and has a short form, or else the preference."""
    short = [one.brief for one in found.applied if one.brief is not None]
    return (short[-1] if short else found.preference.brief)(facts)


@dataclass(frozen=True, slots=True)
class _Applied:
    """`applied`, `unmet`: constraint -> the candidates that do not meet it."""

    chosen: str
    preference: Preference
    applied: dict[Constraint, tuple[str, ...]]
    unmet: dict[Constraint, tuple[str, ...]]


def _apply(facts: Facts) -> _Applied:
    preference = next(one for one in PREFERENCES if one.holds(facts))
    remaining: tuple[str, ...] = preference.order
    applied, unmet = {}, {}
    for one in CONSTRAINTS:
        met = {each: one.meets(facts, each) for each in remaining}
        out = tuple(each for each, meets in met.items() if meets is False)
        if not out:
            continue
        if any(met.values()):
            applied[one] = out
        else:
            unmet[one] = out
            out = one.worse(facts, remaining)
        remaining = tuple(each for each in remaining if each not in out)
    return _Applied(remaining[0], preference, applied, unmet)


def _changes(facts: Facts, chosen: str) -> Iterator[Change]:
    """Other answers to one question at a time that lead to another candidate."""
    for field in FIELDS.values():
        if isinstance(field, Choice):
            alternatives = _other_choices(facts.needs, field)
        else:
            alternatives = _other_amounts(facts, field)
        seen = {chosen}
        for condition, value in alternatives:
            needs = msgspec.structs.replace(facts.needs, **{field.name: value})
            candidate = _apply(replace(facts, needs=needs)).chosen
            if candidate not in seen or (isinstance(field, Choice) and candidate != chosen):
                yield Change(field.name, condition, candidate)
                seen.add(candidate)


def _other_choices(needs: Needs, field: Choice) -> Iterator[tuple[Bilingual, Any]]:
    now, options = getattr(needs, field.name), field.options
    if not field.several:
        yield from ((one.clause, key) for key, one in options.items() if key != now)
        return
    yield from ((one.clause, (*now, key)) for key, one in options.items() if key not in now)
    for key in now:
        without = options[key].without
        assert without is not None  # where several may be given, each has such a clause
        yield without, tuple(one for one in now if one != key)
    if len(now) > 1:
        yield NO_FEATURES, ()


def _other_amounts(facts: Facts, field: Amount) -> Iterator[tuple[Bilingual, Any]]:
    """Beside each number at which a rule turns: first those below, then those above."""
    now = getattr(facts.needs, field.name)
    turns = sorted(_turns(facts, field.name), key=lambda span: span.median)
    for span in reversed(turns):
        if field.low < span.median and (now is None or span.median < now):
            yield (
                field.clause.fill(amount=LESS.fill(number=shown(span))),
                span.median * (1 - BESIDE),
            )
    for span in turns:
        if now is not None and now <= span.median <= field.high:
            yield (
                field.clause.fill(amount=MORE.fill(number=shown(span))),
                span.median * (1 + BESIDE),
            )


def _turns(facts: Facts, name: str) -> Iterator[Span]:
    """The numbers at which one of the constraints turns for one of the candidates."""
    if name == "bundle_kb":
        yield Span(facts.bundle.kb)
    for each in CANDIDATES:
        connects, full = facts.connect_numbers(each), facts.full_at(each)
        takes, people = facts.connect_ms(each), facts.needs.members * facts.needs.rooms
        if name == "connect_ms" and takes is not None:
            yield takes
        elif name == "rtt_ms" and connects and facts.needs.connect_ms is not None:
            trips, *still = connects
            left = facts.needs.connect_ms - sum(one.median for one in still)
            yield Span(left / trips.median)
        elif name == "rate" and full is not None:
            yield full.times(1 / people)
