"""`--compression`: what it takes, what it refuses, and what it adds to a run."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from rich.console import Console

from lab.cli import main
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.subjects import WITH_COMPRESSION
from lab.compression import OFF, STOCK, Compression, CompressionChoices, chosen, parse
from lab.contract import Capability
from lab.measure.replicas import compression_of, in_order, is_variant, original
from transports import registry


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("off", OFF),
        ("stock", STOCK),
        ("15:6", Compression("set", 15, 6)),
        ("9:0:no-takeover", Compression("set", 9, 0, takeover=False)),
    ],
)
def test_a_compression_is_read_and_written_alike(text: str, meant: Compression) -> None:
    assert parse(text) == meant
    assert str(meant) == text
    assert meant.wanted == (text != "off")
    assert chosen(meant, "equal") == chosen(meant, "stock") == meant


def test_without_the_option_the_settings_decide() -> None:
    assert chosen(None, "equal") == OFF
    assert chosen(None, "stock") == STOCK


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("8:6", "zlib takes a window of 9 to 15 bits, not 8"),
        ("16:6", "zlib takes a window of 9 to 15 bits, not 16"),
        ("15:10", "zlib takes a level of 0 to 9, not 10"),
        ("15", "is not off, stock, or WINDOW:LEVEL[:no-takeover], such as 15:6"),
        ("15:6:takeover", "is not off, stock, or WINDOW:LEVEL[:no-takeover]"),
        ("1" * 400 + ":6", "is not off, stock, or WINDOW:LEVEL[:no-takeover]"),
        ("", "is not off, stock, or WINDOW:LEVEL[:no-takeover]"),
    ],
    ids=lambda value: str(value)[:12],
)
@pytest.mark.parametrize("command", ["serve", "trace", "bench"])
def test_what_zlib_does_not_take_is_refused(command: str, text: str, complaint: str) -> None:
    words = [command, *([] if command == "bench" else ["websocket"]), "--compression", text]
    assert complaint in refused(words)


def test_a_transport_says_what_it_can_and_cannot() -> None:
    choices = CompressionChoices(stock="gzip", levels=(1, 3), forgets=False, note="more")
    fault = choices.fault_of
    assert fault("x", OFF) is fault("x", STOCK) is fault("x", Compression("set", 9, 2)) is None
    assert fault("x", Compression("set", 9, 4)) == "x compresses at level 1 to 3 only, not 4"
    lost = fault("x", Compression("set", 9, 1, takeover=False))
    assert lost == "x has no no-takeover: choose WINDOW:LEVEL"
    none = CompressionChoices(stock="gzip", levels=None)
    assert none.fault_of("x", Compression("set")) == (
        "x has no option for window and level: choose off or stock"
    )
    one = CompressionChoices(stock="gzip", levels=(1, 1)).fault_of("x", Compression("set"))
    assert one == "x compresses at level 1 only, not 6"
    shown = [choices.shown(each) for each in (OFF, STOCK, Compression("set", 9, 2))]
    assert shown == ["none", "gzip", "9:2; more"]
    assert none.shown(Compression("set")) == "15:6"


def test_what_a_transport_has_not_is_refused() -> None:
    loaded = [registry.load(name) for name in registry.available()]
    without = next(
        each.name
        for each in loaded
        if each.compression is None and Capability.SOCKET in each.capabilities
    )
    limited = next(each.name for each in loaded if each.compression and not each.compression.levels)
    for command in ("serve", "trace"):
        complaint = refused([command, without, "--compression", "stock"])
        assert f"{without} does not compress; these transports do: " in complaint
        complaint = refused([command, limited, "--compression", "15:6"])
        assert f"{limited} has no option for window and level: choose off or stock" in complaint


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--aa"], "--compression is for --client python, and not for --aa or --tls"),
        (["--client", "node"], "--compression is for --client python"),
        (["--settings", "stock"], "so it is for --settings equal"),
        (["--driver", "raw"], "the raw client has none"),
        (["--experiment", "idle"], "not idle"),
        (["--transports", "loopback"], "loopback does not compress"),
        (["--target", "x.toml"], "--target is not for --compression"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_measured_is_refused(words: list[str], complaint: str) -> None:
    assert complaint in refused(["bench", "--compression", "stock", *words])


def refused(words: list[str]) -> str:
    result = CliRunner().invoke(main, words, terminal_width=400)
    assert result.exit_code == 2
    return " ".join(result.output.split())


def planned(*compressions: Compression) -> BenchOptions:
    return BenchOptions(
        transports=["loopback", "websocket", "socketio-polling"],
        seed=1,
        compressions=compressions,
    )


def test_each_transport_that_compresses_is_measured_so_too() -> None:
    plan = make_plan(planned(STOCK, Compression("set", 12, 1), STOCK), Console(quiet=True))
    assert plan.transports == [
        *("websocket", "websocket+stock", "websocket+12:1"),
        *("socketio-polling", "socketio-polling+stock"),
    ]
    assert [original(each) for each in plan.transports[1:3]] == ["websocket"] * 2
    assert [is_variant(each) for each in plan.transports[:2]] == [False, True]
    assert compression_of("websocket+12:1") == Compression("set", 12, 1)
    assert compression_of("websocket+tls") is compression_of("websocket") is None
    assert plan.experiments == WITH_COMPRESSION
    assert plan.driver == "library", "the raw client does not compress"
    shown = plan.described()["websocket+12:1"]["settings_shown"]
    assert shown["compression"] == "12:1"
    assert in_order(reversed(plan.transports), ["websocket", "socketio-polling"])[1:3] == [
        "websocket+12:1",
        "websocket+stock",
    ]


def test_off_adds_nothing() -> None:
    plan = make_plan(planned(OFF), Console(quiet=True))
    assert plan.transports == ["loopback", "websocket", "socketio-polling"]
