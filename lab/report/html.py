"""The HTML page of a run: one self-contained file that opens offline."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import jinja2

from lab.answer.of_run import of_run
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.comparison import Compared
from lab.report.model.scenario import loaded
from lab.report.model.summary import Summary, summarise
from lab.report.model.titles import PLACES, client_of, titles
from lab.report.pictures import plots, style
from lab.report.pictures.ratios import ratios
from lab.report.text import blocks, comparison, over_tls, scenario, tables, verdicts

CAPTIONS = {
    "answer": "What Socket.IO costs as a multiple of plain WebSocket, on servers of the same kind: "
    "without a library, in Node and in Python. Hollow: quoted from the reference.",
    "transports": "Handshake, latency and server CPU of each transport. Shorter is better.",
    "waterfall": "The handshake of each transport. Each bar is one round trip that it waits for.",
    "slopes": "Time to connect and to join against emulated round-trip time. The slope counts "
    "round trips. Beside it stands their number, counted from the bytes.",
    "bytes": "Bytes of a handshake and of a message in each direction: headers, "
    "framing and payload.",
    "percentiles": "The distribution of round-trip times. A flat curve is steady; a steep "
    "end is a slow tail.",
    "throughput": "Deliveries per second in one room. Longer is better.",
    "decomposition": "Server CPU per delivery, divided into network, room, protocol and library.",
    "room_size": "Server CPU per delivery against the size of the room.",
    "payload": "Server CPU per delivery, and the bytes besides the text, against the "
    "size of the text.",
    "compression": "Bytes and CPU of a delivery with compression. 1 is the same without it.",
    "durability": "Server CPU and commits of a message, with each kind of journal.",
    "memory": "Server memory of each idle connection. Shorter is better.",
    "load": "Latency against offered rate for each transport, with the highest rate that it holds.",
    "scenario": "How long answers and deliveries of the target took, by percentile.",
    "loss": "What a lost packet delays: the round trip of its message, and the message of another "
    "room.",
    "calibration": "How far a link is from what it was set to.",
    "storm": "How the clients of a killed server come back, by the pause before each attempt.",
    "proxies": "What each proxy adds to a direct connection: time and bytes. Shorter is better.",
    "nodes": "Server CPU per delivery on one, two and four joined nodes. Shorter is better.",
    "ratios": "How many times as slow as the baseline the candidate is. Right of 1 it is slower.",
}
"""Picture -> its caption, which is also its text for screen readers."""


def page(run: Run, svgs: Mapping[str, bytes]) -> str:
    """The page, with `svgs` (picture name -> SVG) in it. It refers to no other file."""
    summary, answer, target = summarise(run), of_run(run), loaded(run)
    own = bool(answer.own) and scenario.target_of(run) is None
    return rendered(
        resources.files("lab.report").joinpath("report.html.j2"),
        run=run,
        info=run.info,
        place=PLACES.get(client_of(run)),
        summary=summary,
        target=target,
        target_lines=[*scenario.answer(target), *scenario.counted(target)] if target else [],
        beside_plain=list(over_tls.groups(run)),
        beside_title=over_tls.title(run),
        beside_heads=over_tls.heads(run),
        experiments=_experiments(run, summary),
        pictures=[(name, CAPTIONS[name], inlined(name, svg)) for name, svg in svgs.items()],
        environment=list(flattened(run.environment)),
        command=shlex.join(run.info.command),
        whose=list(tables.sentences(run)),
        verdicts=list(verdicts.sentences(answer)) if own else [],
        blocks=list(blocks.sections(answer)) if own else [],
        heads=blocks.HEADS,
        notes=list(blocks.notes(answer)),
        formatting=formatting,
        flattened=flattened,
    )


def pair_page(compared: Compared) -> str:
    """The page of a comparison of two runs. It refers to no other file."""
    canvas = ratios(compared)
    return rendered(
        resources.files("lab.report").joinpath("pair.html.j2"),
        compared=compared,
        sentence=comparison.sentence(compared),
        outcome_of=comparison.outcome_of,
        classes=_OUTCOME_CLASSES,
        picture=inlined("ratios", plots.svg(canvas)) if canvas else None,
        caption=CAPTIONS["ratios"],
        formatting=formatting,
    )


_OUTCOME_CLASSES = {"slower": "slower", "no slower": "faster", "can't tell": "few"}
"""Outcome -> its class in the style sheet."""


def rendered(template: Traversable, **names: Any) -> str:
    """Render a page of the lab from its template. `css` in it is the style sheet of all pages."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    css = resources.files("lab.report").joinpath("page.css").read_text(encoding="utf-8")
    source = environment.from_string(template.read_text(encoding="utf-8"))
    return source.render(css=css, **names)


def inlined(name: str, svg: bytes) -> str:
    """Prepare an SVG for a page: no XML prologue, unique ids, the page's colours."""
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
    """Flatten nested facts to `("machine cpu", "…")`. Lists are joined, missing facts left out."""
    for key, value in tree.items():
        name = f"{above} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from flattened(value, name)
        elif value is not None:
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _experiments(run: Run, summary: Summary) -> list[dict[str, Any]]:
    found = ((title, summary.of_experiment(key)) for key, title in titles(run).items())
    return [{"title": title, "figures": figures} for title, figures in found if figures]
