"""Formats the output of `lab reproduce compression`: three published tables beside the lab's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from rich.table import Table

from lab.measure.stats import Comparison, paired_ratio
from lab.report.model.formatting import ratio
from lab.reproduce.compressed import (
    DEFLATED,
    LOOP,
    OBSERVATIONS,
    PLAIN,
    TYPING,
    Loop,
    Passes,
    Redone,
    Sizes,
)
from lab.reproduce.tables import table


def tables(done: Redone) -> Iterator[Table]:
    """Yield a table for each publication that was repeated."""
    yield _frames(done)
    yield _typing(done.typing)
    if done.loop is not None:
        yield _loop(done.loop)


def _frames(done: Redone) -> Table:
    made = table(
        "A call with camera frames, median ms (Positronic)",
        *("observation", "published", "", "measured", ""),
    )
    made.add_row("", "deflate", "none", "deflate", "none", style="dim")
    for row in OBSERVATIONS:
        ours = done.frames[row.name]
        made.add_row(
            row.name, f"{row.deflated_ms:g}", f"{row.plain_ms:g}", *_medians(ours, "{:.2f}")
        )
    return made


def _typing(ours: Sizes) -> Table:
    made = table("Bytes of a typing event on the wire (Mattermost)", "", "published", "measured")
    rows = (
        ("no compression", TYPING.plain_bytes, ours.plain),
        ("each event alone", TYPING.alone_bytes, ours.alone),
        ("context kept, always other people", TYPING.plain_bytes * TYPING.kept, ours.kept),
        ("context kept, ten people", None, ours.kept_of_few),
    )
    for name, theirs, measured in rows:
        made.add_row(name, "–" if theirs is None else f"{theirs:.0f}", f"{measured:.0f}")
    return made


def _loop(ours: Loop) -> Table:
    made = table(
        "Messages of 3 B a second, from a loop in Node (ws)",
        *("", "published", "", "measured", ""),
    )
    made.add_row("", "deflate", "none", "deflate", "none", style="dim")
    published = (f"{LOOP.deflated_per_s:,}", f"{LOOP.plain_per_s:,}")
    made.add_row("calls of send()", *published, *_medians(ours.sent, "{:,.0f}"))
    made.add_row("messages that arrived", "–", "–", *_medians(ours.delivered, "{:,.0f}"))
    return made


def _medians(passes: Passes, form: str) -> Sequence[str]:
    return [form.format(median(passes[name])) for name in (DEFLATED, PLAIN)]


def explained(done: Redone) -> Iterator[str]:
    """Yield a sentence or two for each publication: what holds, and why it differs from others."""
    row = OBSERVATIONS[0]
    theirs, measured = row.deflated_ms / row.plain_ms, _ratio(done.frames[row.name], DEFLATED)
    yield (
        f"Positronic: with compression a call takes {theirs:.3g}× the time, measured "
        f"{ratio(measured)}. The payload is large, its noise leaves zlib much to do and little to "
        "find, and loopback carries bytes for nothing: so nearly all of the time is zlib's. Theirs "
        "without it holds more than ours, which has no codec and no policy behind it. On a slow "
        "link the bytes would cost more than zlib."
    )
    ours = done.typing
    yield (
        f"Mattermost: an event alone has {1 - TYPING.alone_bytes / TYPING.plain_bytes:.0%} fewer "
        f"bytes, measured {1 - ours.alone / ours.plain:.0%}. Names of fields compress, and random "
        f"ids do not: with the context kept it is {1 - ours.kept / ours.plain:.0%} "
        f"(published {1 - TYPING.kept:.0%}), and {1 - ours.kept_of_few / ours.plain:.0%} if the "
        "same ten people type. Bytes say nothing of CPU or memory."
    )
    if done.loop is None:
        yield "ws: not repeated, because there is no Node here."
        return
    theirs, measured = LOOP.plain_per_s / LOOP.deflated_per_s, _ratio(done.loop.delivered, PLAIN)
    yield (
        "ws: its loop counts calls of send(), whether or not anything has left. Today `ws` queues "
        "what zlib has not compressed yet, so calls say little: messages arrive "
        f"{ratio(measured)} as fast without compression (published, by calls: {theirs:.1f}×). A "
        "text of 3 B has nothing to compress, and each goes through zlib in another thread, so "
        "this is the worst case."
    )


def verdict() -> Iterator[str]:
    """Yield why the three do not contradict each other."""
    yield (
        "They measure different things: time of large messages on a fast link, bytes of small "
        "ones, and the overhead of messages too small to compress. Payload, window and context "
        "decide, and what a byte costs you."
    )


def _ratio(passes: Passes, of: str) -> Comparison:
    """Compare one of the two with the other, pass by pass."""
    against = PLAIN if of == DEFLATED else DEFLATED
    return paired_ratio(passes[of], passes[against], lower_is_better=True, seed=0)
