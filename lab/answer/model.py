"""Puts the answer together: what a run has measured, and the reference where it lacks a row."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator, Sequence

import msgspec

from lab.answer import blocks
from lab.answer.blocks import PLAIN
from lab.answer.measurements import Measurements, Ratio, Value


class Side(msgspec.Struct, frozen=True):
    """One transport in a row. `ratio`: to the plain transport of the block, in the same run."""

    transport: str
    value: Value | None = None
    ratio: Ratio | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a block: variant -> side.

    `source`: the run that measured it; None: no run has. `quoted`: it is another run than the one
    that the answer is about.
    """

    key: str
    title: str
    short: str
    unit: str
    client: str
    counted: bool
    source: Measurements | None
    quoted: bool
    sides: dict[str, Side]

    @property
    def measured(self) -> bool:
        """Whether any transport of the block has a value."""
        return self.source is not None


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One stack: its rows, in the order of `blocks.ROWS`."""

    key: str
    title: str
    begins: str
    whose: str
    libraries: tuple[str, str]
    needs: str
    rows: list[Row]

    def row(self, key: str, client: str | None = None) -> Row | None:
        """The row `key`, with this client if one is named; None if no run has measured it."""
        found = (row for row in self.rows if row.key == key and client in (None, row.client))
        return next((row for row in found if row.measured), None)

    @property
    def variant(self) -> str:
        """The variant of Socket.IO that stands for it: the default, if the run has measured it."""
        own = [row for row in self.rows if row.measured and not row.quoted]
        having = {v for row in own or self.rows for v, side in row.sides.items() if side.value}
        return next((it for it in blocks.VARIANTS if it != PLAIN and it in having), blocks.DEFAULT)

    @property
    def sources(self) -> list[Measurements]:
        """The runs that its rows are quoted from, without the run that the answer is about."""
        quoted = [row.source for row in self.rows if row.source and row.quoted]
        return list({source.run: source for source in quoted}.values())

    @property
    def quoted(self) -> bool:
        """Whether the run that the answer is about has measured none of it."""
        return all(row.quoted for row in self.rows)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The three blocks. `run`: the run that they are about; None: the reference."""

    run: str | None
    blocks: list[Block]

    @property
    def own(self) -> bool:
        """Whether the run has measured anything of the answer."""
        return any(row.measured and not row.quoted for each in self.blocks for row in each.rows)

    def block(self, key: str) -> Block:
        """The block `key`; KeyError if there is no such block."""
        return {each.key: each for each in self.blocks}[key]


def answer(own: Measurements | None, reference: Sequence[Measurements]) -> Answer:
    """The answer of a run, with rows of the reference where the run has none.

    `own` None: the answer of the reference alone. `reference`: the preferred run first.
    """
    made = [_block(block, own, reference) for block in blocks.BLOCKS]
    return Answer(run=own.run if own else None, blocks=made)


def _block(
    block: blocks.Block, own: Measurements | None, reference: Sequence[Measurements]
) -> Block:
    rows = [
        _row(block, row, client, own, reference)
        for row in blocks.ROWS
        for client in _clients(row, own)
    ]
    return Block(
        key=block.key,
        title=block.title,
        begins=block.begins,
        whose=block.whose,
        libraries=block.libraries,
        needs=block.needs,
        rows=rows,
    )


def _clients(row: blocks.Row, own: Measurements | None) -> Iterator[str]:
    """The clients of a row: those that it names, or the run's if it measured the row at all."""
    if row.clients:
        yield from row.clients
    elif own is not None and any(own.value(key, t) for key in row.figures for t in own.values):
        yield own.client
    else:
        yield blocks.PYTHON


def _row(
    block: blocks.Block,
    row: blocks.Row,
    client: str,
    own: Measurements | None,
    reference: Sequence[Measurements],
) -> Row:
    mine = _best([own] if own else [], block, row, client)
    found = mine or _best(reference, block, row, client)
    source, figure = found or (None, "")
    return Row(
        key=row.key,
        title=row.title,
        short=row.short,
        unit=row.unit,
        client=client,
        counted=row.counted,
        source=source,
        quoted=own is not None and mine is None,
        sides={
            variant: _side(source, figure, transport, block.transports[PLAIN])
            for variant, transport in block.transports.items()
        },
    )


def _best(
    among: Sequence[Measurements], block: blocks.Block, row: blocks.Row, client: str
) -> tuple[Measurements, str] | None:
    """The run and the figure that compare most transports of the block; the first one of several.

    A row comes from one run: only then do its values and ratios belong together.
    """
    found = [(each, figure) for each in among if each.client == client for figure in row.figures]
    covered = [(_covers(each, figure, block), each, figure) for each, figure in found]
    best = max(covered, key=lambda it: it[0], default=None)
    return best[1:] if best and any(best[0]) else None


def _covers(one: Measurements, figure: str, block: blocks.Block) -> tuple[int, int]:
    """How many ratios and how many values of the block the run has."""
    plain, names = block.transports[PLAIN], block.transports.values()
    ratios = sum(one.ratio(figure, name, plain) is not None for name in names)
    return ratios, sum(one.value(figure, name) is not None for name in names)


def _side(source: Measurements | None, figure: str, transport: str, plain: str) -> Side:
    if source is None:
        return Side(transport)
    ratio = source.ratio(figure, transport, plain)
    return Side(transport, source.value(figure, transport), ratio)
