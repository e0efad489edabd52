"""`lab weigh`: bytes and CPU time of your messages, by codec, compression and transport."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.table import Table

from lab.cli.console import open_console
from lab.cli.files import OUTPUT, write
from lab.cli.trace import print_whole
from lab.cli.values import SEED
from lab.measure.stats import FEWEST_PASSES
from lab.weigh.messages import MOST_BYTES, MOST_MESSAGES, MessageError
from lab.weigh.messages import read as read_messages
from lab.weigh.samples import KINDS, LEAST_BYTES, LONGEST_BYTES, make, usual_count

if TYPE_CHECKING:
    from lab.weigh.model import Weighed


class Window(click.IntRange):
    """The bits of a window; RFC 7692 allows 8, but zlib does not make it."""

    def __init__(self) -> None:
        super().__init__(9, 15)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See `click.ParamType`."""
        if str(value) == "8":
            self.fail("zlib refuses a window of 8 bits: give 9 to 15", param, ctx)
        return int(super().convert(value, param, ctx))


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--sample", type=click.Choice(list(KINDS)), help="Make messages of this kind.")
@click.option(
    "--bytes",
    "size_bytes",
    type=click.IntRange(LEAST_BYTES, LONGEST_BYTES),
    show_default="256",
    help="Size of a sample's message as JSON.",
)
@click.option(
    "--count",
    type=click.IntRange(1, MOST_MESSAGES),
    show_default="200, fewer of long ones",
    help="Messages of a sample.",
)
@click.option(
    "--window",
    "windows",
    type=Window(),
    multiple=True,
    default=(15,),
    show_default=True,
    help="Bits of permessage-deflate's window. Repeat the option for several.",
)
@click.option(
    "--level",
    "levels",
    type=click.IntRange(1, 9),
    multiple=True,
    default=(6,),
    show_default=True,
    help="zlib's level. Repeat the option for several.",
)
@click.option(
    "--mem-level", type=click.IntRange(1, 9), default=8, show_default=True, help="zlib's memLevel."
)
@click.option(
    "--passes",
    type=click.IntRange(FEWEST_PASSES, 100),
    default=7,
    show_default=True,
    help="Timed passes over all messages.",
)
@click.option(
    "--seed", type=SEED, default=0, show_default=True, help="Of the sample and of the order."
)
@click.option("--picture", type=OUTPUT, help="Write a picture (PNG).")
@click.option("--json", "as_json", type=OUTPUT, help="Write every number as JSON.")
def weigh(
    file: Path | None,
    sample: str | None,
    size_bytes: int | None,
    count: int | None,
    windows: tuple[int, ...],
    levels: tuple[int, ...],
    **given: Any,
) -> None:
    """Weigh the messages in FILE: their bytes and CPU time, with compression and without it.

    FILE has one JSON value per line. The table has a row for each codec (JSON, msgpack), transport
    and compression. Nothing is sent. docs/weigh.md says what is counted.

    \b
    lab weigh messages.jsonl
    lab weigh --sample chat --bytes 200 --count 500
    lab weigh messages.jsonl --window 9 --window 12 --window 15 --picture weigh.png
    """  # noqa: D301 - click's mark is the backspace itself
    from lab.weigh.measure import measure
    from lab.weigh.model import Settings

    source, messages = _messages(file, sample, size_bytes, count, given["seed"])
    settings = Settings(
        tuple(dict.fromkeys(windows)), tuple(dict.fromkeys(levels)), given["mem_level"]
    )
    found = measure(messages, settings, given["passes"], given["seed"])
    title = f"{source}, {len(messages)} message{'s' if len(messages) != 1 else ''}"
    _show(found, title)
    if given["picture"] is not None:
        from lab.weigh.picture import draw

        write(given["picture"], draw(found, title))
    if given["as_json"] is not None:
        about = {"source": source, "messages": len(messages), "seed": given["seed"]}
        _write_json(given["as_json"], found, about)


def _messages(
    file: Path | None, sample: str | None, size_bytes: int | None, count: int | None, seed: int
) -> tuple[str, list[Any]]:
    """What is weighed: its name, and the messages."""
    if (file is None) == (sample is None):
        raise click.UsageError("give a FILE of messages, or --sample KIND, and not both")
    if sample is not None:
        size_bytes = size_bytes or 256
        count = count or usual_count(size_bytes)
        if size_bytes * count > MOST_BYTES:
            most = MOST_BYTES // size_bytes
            raise click.BadParameter(
                f"{count} messages of {size_bytes} bytes are too many: at most {most}",
                param_hint="--count",
            )
        return f"sample {sample}, {size_bytes} bytes", make(sample, size_bytes, count, seed)
    assert file is not None
    if size_bytes or count:
        raise click.UsageError("--bytes and --count are for a --sample, and not for a FILE")
    try:
        with file.open("rb") as opened:  # a larger file is refused, and not read to its end
            return file.name, read_messages(opened.read(MOST_BYTES + 1))
    except OSError as error:
        raise click.UsageError(f"{file} can't be read: {error.strerror or error}") from error
    except MessageError as error:
        raise click.UsageError(f"{file}: {error}") from error


def _show(found: list[Weighed], title: str) -> None:
    from lab.weigh import text

    console = open_console(highlight=False, markup=False)
    console.print(f"{text.answer(found)}\n", soft_wrap=True)
    print_whole(_table(found, title), console)
    for note in (*text.NOTES, f"zlib {zlib.ZLIB_RUNTIME_VERSION}."):
        console.print(note, soft_wrap=True)


def _table(found: list[Weighed], title: str) -> Table:
    from lab.weigh import text

    table = Table(
        *("codec", "transport", "compression"),
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in text.HEADINGS:
        table.add_column(heading, justify="right")
    last = None
    for one in found:
        group = (one.way.codec, one.way.carrier.name)
        table.add_row(*(group if group != last else ("", "")), text.name(one), *text.cells(one))
        last = group
    return table


def _write_json(file: Path, found: list[Weighed], about: dict[str, Any]) -> None:
    from lab.weigh import text

    values = {
        **about,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "answer": text.answer(found),
        "rows": [text.as_values(one) for one in found],
    }
    write(file, f"{json.dumps(values, indent=2)}\n".encode())
