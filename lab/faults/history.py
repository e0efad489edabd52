"""What the clients of one room saw, and which of the room's rules that breaks."""

from __future__ import annotations

__pure__ = True

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

import msgspec

READER = "reader"
"""The client that reads the whole log at the end, when all others have closed."""

What = Literal["join", "joined", "say", "said", "left", "event", "ended", "refused", "fault"]
Rule = Literal[
    "a gap",
    "a repeat",
    "two events under one seq",
    "delivered outside",
    "acknowledged and lost",
    "posted twice",
    "refused and posted",
    "a key forgotten",
    "a departure lost",
    "began again",
    "a member refused",
    "a node failed",
]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a client did or saw. `session`: the number of its connection; 0: a fault.

    `event`, `name`, `text`: of an event of the room; `text` and `key` also of a `say` and its
    `said`. `after`: of a `join`; None: it asks for no replay. `node`: of a `join`, if there are
    several. `event`: of a `refused`, the code. A `refused` with a `text`: that text was said
    once, and given up. A `fault` with an `event`: a node has ended by itself, as one does that is
    `out`, or because it `failed`.
    """

    at_ms: float
    who: str
    session: int
    what: What
    seq: int = 0
    epoch: str = ""
    after: int | None = None
    node: int = 0
    truncated: bool = False
    members: tuple[str, ...] = ()
    event: str = ""
    name: str = ""
    text: str = ""
    key: str = ""


class Violation(msgspec.Struct, frozen=True):
    """A broken rule, and the steps that show it."""

    rule: Rule
    sentence: str
    steps: tuple[Step, ...]


History = Sequence[Step]


def check(history: History, *, durable: bool = False) -> list[Violation]:
    """Everything that breaks a rule of the room. `durable`: a room outlives its server."""
    found, departures = [], _departures(history)
    for steps in sessions(history).values():
        found += _stay(steps, departures)
    shared = (*_same(history), *_keys(history), *_refused(history), *_failed(history))
    return [*found, *shared, *_at_the_end(history, durable)]


def sessions(history: History) -> dict[int, list[Step]]:
    """The steps of each connection."""
    made: dict[int, list[Step]] = {}
    for step in history:
        if step.session:
            made.setdefault(step.session, []).append(step)
    return made


def shrink(history: History, rule: Rule, *, durable: bool = False) -> tuple[list[Step], Violation]:
    """The smallest history that still breaks this rule, and how.

    Whole connections are left out, and everything after a moment: neither makes a right history
    wrong. Raises ValueError if the history does not break the rule.
    """
    kept = list(history)
    violation = _first(kept, rule, durable)
    if violation is None:
        raise ValueError(f"this history does not break the rule: {rule}")
    others = set(sessions(history)) - {step.session for step in violation.steps}
    # All others first: in most cases that is it, and a long history is judged a few times only.
    for left_out in (others, *({session} for session in sessions(history))):
        fewer = [step for step in kept if step.session not in left_out]
        if len(fewer) == len(kept):
            continue
        if (smaller := _first(fewer, rule, durable)) is not None:
            kept, violation = fewer, smaller
    last = max(kept.index(step) for step in violation.steps)
    if _first(kept[: last + 1], rule, durable) is not None:
        kept = kept[: last + 1]
    return kept, violation


def _first(history: History, rule: Rule, durable: bool) -> Violation | None:
    return next((each for each in check(history, durable=durable) if each.rule == rule), None)


def _stay(steps: Iterable[Step], departures: Departures) -> list[Violation]:
    """One connection: what it received, in order and without gaps, until it departed.

    A reply and an event that others caused may come in either order, so an event from before the
    departure may come after `left`. Who departs against its will is told by the end of its
    connection: nothing of it, and no refusal, comes on a connection that goes on.
    """
    found: list[Violation] = []
    joined: Step | None = None
    after: int | None = None
    due: int | None = None
    end: int | None = None
    is_inside = False
    for step in steps:
        if step.what == "join":
            after = step.after
        elif step.what == "joined":
            joined, end, is_inside = step, None, True
            due = None if step.truncated else (step.seq if after is None else after) + 1
        elif step.what == "left" and joined is not None:
            is_inside = False
            later = departures.get((joined.epoch, step.who), ())
            end = min((seq for seq in later if seq > joined.seq), default=None)
        elif step.what == "refused" and step.event == "not_in_room" and is_inside:
            assert joined is not None
            text = f"{step.who} had joined, had not left, and was refused as not in the room"
            found.append(Violation("a member refused", text, (joined, step)))
        elif step.what == "event":
            if joined is not None and _is_own_departure(step) and step.seq > joined.seq:
                end = step.seq
            if joined is None or (end is not None and step.seq >= end):
                text = f"{step.who} was in no room and received {shown(step)}"
                found.append(Violation("delivered outside", text, (step,)))
            elif due is not None and step.seq != due:
                rule: Rule = "a gap" if step.seq > due else "a repeat"
                text = f"{step.who} was due seq {due} and received {shown(step)}"
                found.append(Violation(rule, text, (joined, step)))
            due = step.seq + 1
    return found


def _is_own_departure(step: Step) -> bool:
    return step.event == "departed" and step.name == step.who


Departures = dict[tuple[str, str], set[int]]
"""(life of the room, name) -> the `seq` of each departure that anybody saw."""


def _departures(history: History) -> Departures:
    found: Departures = {}
    for epoch, step in _with_epochs(history):
        if step.event == "departed":
            found.setdefault((epoch, step.name), set()).add(step.seq)
    return found


def _with_epochs(history: History) -> list[tuple[str, Step]]:
    """Each step with the life of the room that its connection was in."""
    epochs: dict[int, str] = {}
    found = []
    for step in history:
        if step.what == "joined":
            epochs[step.session] = step.epoch
        found.append((epochs.get(step.session, ""), step))
    return found


def _same(history: History) -> list[Violation]:
    """Under one seq of one life, everybody saw the same event."""
    seen: dict[tuple[str, int], Step] = {}
    found = []
    for epoch, step in _with_epochs(history):
        if step.what != "event":
            continue
        first = seen.setdefault((epoch, step.seq), step)
        if (first.event, first.name, first.text) != (step.event, step.name, step.text):
            text = f"{first.who} received {shown(first)}, and {step.who} {shown(step)}"
            found.append(Violation("two events under one seq", text, (first, step)))
    return found


def _keys(history: History) -> list[Violation]:
    """Under one key, everything said by one name has one seq, as long as the room lives."""
    first: dict[tuple[str, str, str], Step] = {}
    found = []
    for epoch, step in _with_epochs(history):
        if step.what == "said" and step.key:
            before = first.setdefault((epoch, step.who, step.key), step)
            if before.seq != step.seq:
                text = f"{step.who} said {step.key} once as seq {before.seq}, once as {step.seq}"
                found.append(Violation("a key forgotten", text, (before, step)))
    return found


def _refused(history: History) -> list[Violation]:
    """A text that was refused is in no room."""
    refused = {(s.who, s.text): s for s in history if s.what == "refused" and s.text}
    posted = {(s.name, s.text): s for s in history if s.what == "event" and s.event == "message"}
    return [
        Violation(
            "refused and posted", f"{shown(step)}, and {shown(posted[said])}", (step, posted[said])
        )
        for said, step in refused.items()
        if said in posted
    ]


def _failed(history: History) -> list[Violation]:
    """A node ends by itself only when its lease is over."""
    return [
        Violation("a node failed", step.text, (step,))
        for step in history
        if step.what == "fault" and step.event == "failed"
    ]


def judged(history: History) -> int:
    """How many acknowledged messages are of the room's last life, and as new as the known log.

    The other ones were lost with a life of the room that nothing kept, or are older than anything
    that somebody saw without a gap.
    """
    read = _read(history)
    if read is None:
        return 0
    joined, log = read
    first = _first_seq(joined, log)
    return len(
        {
            (step.who, step.key)
            for epoch, step in _with_epochs(history)
            if step.what == "said" and epoch == joined.epoch and step.seq >= first
        }
    )


def _at_the_end(history: History, durable: bool) -> list[Violation]:
    """What the reader found in the log, when all others had closed."""
    read = _read(history)
    if read is None:
        return []
    joined, log = read
    return [
        *_lost(history, joined, log, durable),
        *_twice(log),
        *_members(joined, log),
    ]


def _read(history: History) -> tuple[Step, list[Step]] | None:
    """The reader's last join, and the log that it read. None: there was no reader."""
    own = [step for step in history if step.who == READER]
    joins = [step for step in own if step.what == "joined"]
    if not joins:
        return None
    joined = joins[-1]
    log = [s for s in own if s.session == joined.session and s.what == "event"]
    if joined.truncated:
        log = _dropped(history, joined.epoch, log) + log
    return joined, log


def _first_seq(joined: Step, log: list[Step]) -> int:
    """The oldest `seq` for which the log is known."""
    if not joined.truncated:
        return 1
    return log[0].seq if log else joined.seq + 1


def _dropped(history: History, epoch: str, log: list[Step]) -> list[Step]:
    """What a bounded log no longer has, as far back as others saw it without a gap."""
    seen = {s.seq: s for life, s in _with_epochs(history) if life == epoch and s.what == "event"}
    first = seq = log[0].seq if log else 1
    while seq - 1 in seen:
        seq -= 1
    return [seen[each] for each in range(seq, first)]


def _lost(history: History, joined: Step, log: list[Step], durable: bool) -> list[Violation]:
    at = {step.seq: step for step in log}
    first = _first_seq(joined, log)
    found = []
    for epoch, step in _with_epochs(history):
        if step.what != "said" or (epoch == joined.epoch and step.seq < first):
            continue
        if epoch != joined.epoch:
            if durable:
                text = f"the room of {shown(step)} lives no more"
                found.append(Violation("began again", text, (step, joined)))
            continue
        kept = at.get(step.seq)
        if kept is None or (kept.name, kept.text) != (step.who, step.text):
            there = "nothing" if kept is None else shown(kept)
            text = f"{step.who} got {shown(step)}, and in the log is {there}"
            found.append(
                Violation("acknowledged and lost", text, (step, *([kept] if kept else [])))
            )
    return found


def _twice(log: list[Step]) -> list[Violation]:
    messages = [step for step in log if step.event == "message"]
    counts = Counter((step.name, step.text) for step in messages)
    found = []
    for (name, said), count in counts.items():
        if count > 1:
            steps = tuple(s for s in messages if (s.name, s.text) == (name, said))
            seqs = ", ".join(str(step.seq) for step in steps)
            found.append(
                Violation("posted twice", f"{said} of {name} is in the log as {seqs}", steps)
            )
    return found


def _members(joined: Step, log: list[Step]) -> list[Violation]:
    """Every member that arrived has departed: only the reader is a member."""
    inside: dict[str, Step] = {}
    found = []
    whole = _first_seq(joined, log) == 1
    for step in log:
        was = step.name in inside
        if was == (step.event == "arrived") and whole:
            text = f"{shown(step)}, {'inside' if was else 'outside'} already"
            found.append(Violation("a departure lost", text, (step,)))
        if step.event == "arrived":
            inside[step.name] = step
        elif step.event == "departed":
            inside.pop(step.name, None)
    if others := [name for name in joined.members if name != READER]:
        text = f"all have closed, and {', '.join(others)} are still members"
        found.append(Violation("a departure lost", text, (joined,)))
    return found


def shown(step: Step) -> str:
    """A step in a few words."""
    if step.what == "event":
        said = f" {step.text!r}" if step.text else ""
        return f"{step.seq} {step.event} {step.name}{said}"
    if step.what == "refused":
        return f"refused as {step.event}{f': {step.text!r}' if step.text else ''}"
    if step.what in ("say", "said"):
        seq = f" as {step.seq}" if step.what == "said" else ""
        return f"{step.what} {step.text!r} with {step.key}{seq}"
    if step.what == "joined":
        return f"joined at {step.seq}, life {step.epoch}{', truncated' if step.truncated else ''}"
    after = f" after {step.after}" if step.after is not None else ""
    node = f" at node {step.node}" if step.node else ""
    event = f" {step.event}" if step.event else ""
    return f"{step.what}{after}{node}{event}{' ' + step.text if step.text else ''}"


def told(history: History, violation: Violation) -> str:
    """A history as lines, with a mark at those that break the rule."""
    lines = [f"{violation.rule}: {violation.sentence}", ""]
    for (who, session), steps in groupby(history, lambda step: (step.who, step.session)):
        for step in steps:
            mark = ">" if step in violation.steps else " "
            lines.append(f"{mark} {step.at_ms:9.1f} ms  {who:<8} {session or '':>4}  {shown(step)}")
    return "\n".join(lines)
