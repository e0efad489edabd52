"""The page of a run: one self-contained file that can be mailed, and opens offline."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import jinja2

from lab.record import Run
from lab.report import apart, style, words
from lab.report import summary as summary_
from lab.report.summary import Summary
from lab.report.titles import client_of, titles

CAPTIONS = {
    "answer": "Handshake, latency and server CPU of each wire. Shorter is better.",
    "waterfall": "The handshake of each wire, a bar for each round trip that it waits for.",
    "slopes": "Time to connect and to join by emulated round-trip time. The slope counts round "
    "trips; beside it, their number from the bytes.",
    "bytes": "Bytes of a handshake and of a message, up and down: headers, framing and payload.",
    "percentiles": "The distribution of round trips: flat is steady, steep is a tail.",
    "throughput": "Deliveries per second in one room. Longer is better.",
    "decomposition": "Server CPU per delivery by whose it is: the network's, the room's, the "
    "protocol's, the library's.",
    "room_size": "Server CPU per delivery by the size of the room.",
    "payload": "Server CPU per delivery, and the bytes beside the text, by the size of the text.",
    "memory": "Server memory of each idle connection. Shorter is better.",
    "load": "Latency against the offered rate of each wire, with the highest rate it holds.",
}
"""Picture -> what it shows, for those who read and for those who listen."""


def page(run: Run, svgs: Mapping[str, bytes]) -> str:
    """The page, with `svgs` (picture name -> SVG) in it and no reference to anything outside."""
    summary = summary_.of(run)
    return rendered(
        resources.files("lab.report").joinpath("report.html.j2"),
        run=run,
        info=run.info,
        client=client_of(run),
        summary=summary,
        experiments=_experiments(run, summary),
        pictures=[(name, CAPTIONS[name], inlined(name, svg)) for name, svg in svgs.items()],
        environment=list(flattened(run.environment)),
        command=shlex.join(run.info.command),
        whose=list(apart.sentences(run)),
        words=words,
        flattened=flattened,
    )


def rendered(template: Traversable, **names: Any) -> str:
    """A page of the lab from its template, to which `css` is the style sheet of all its pages."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    css = resources.files("lab.report").joinpath("page.css").read_text(encoding="utf-8")
    source = environment.from_string(template.read_text(encoding="utf-8"))
    return source.render(css=css, **names)


def inlined(name: str, svg: bytes) -> str:
    """An SVG for a page: without XML prologue, ids of its own, in the page's ink and paper."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    for mark in ('id="', "url(#", 'href="#'):
        text = text.replace(mark, f"{mark}{name}-")
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    label = CAPTIONS[name]
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


_VARIABLES = {
    style.INK: "--ink",
    style.PAPER: "--paper",
    style.GRID: "--line",
    style.FAINT: "--faint",
}


def flattened(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested facts as lines: `("machine cpu", "…")`. Lists are joined, missing facts left out."""
    for key, value in tree.items():
        name = f"{above} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from flattened(value, name)
        elif value is not None:
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _experiments(run: Run, summary: Summary) -> list[dict[str, Any]]:
    found = ((title, summary.of_experiment(key)) for key, title in titles(run).items())
    return [{"title": title, "figures": figures} for title, figures in found if figures]
