"""Every value of an option is held against its range, and what is refused names the option."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from lab.cli import COMMANDS, main
from lab.cli.transports import GROUPS
from lab.cli.values import parse_origin

HOST = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "option", "complaint"),
    [
        (["trace", "websocket", "--delay", "100000s"], "--delay", "from 0 ms to one hour"),
        (["trace", "websocket", "--delay", "9" * 5000 + "s"], "--delay", ""),
        (["relay", "--to", HOST, "--delay", "3600001ms"], "--delay", "from 0 ms to one hour"),
        (["relay", "--to", HOST, "--jitter", "2h"], "--jitter", "such as 50ms"),
        (["relay", "--to", HOST, "--jitter", "5ms"], "--jitter", "must not exceed the delay"),
        (["relay", "--to", HOST, "--bandwidth", "9" * 400 + "GB"], "--bandwidth", "at most"),
        (["relay", "--to", HOST, "--bandwidth", "0B"], "--bandwidth", "at least 1 byte"),
        (["relay", "--to", HOST, "--cut-every", "1ms"], "--cut-every", "from 100 ms to one hour"),
        (["relay", "--to", HOST, "--cut-every", "nan"], "--cut-every", "such as 50ms"),
        (["relay", "--to", HOST, "--cut-by", "axe"], "--cut-by", "'rst', 'fin'"),
        (["serve", "websocket", "--heartbeat", "nan", "20"], "--heartbeat", "nan"),
        (["serve", "websocket", "--heartbeat", "25", "inf"], "--heartbeat", "1<=x<=86400"),
        (["serve", "websocket", "--lease", "nan"], "--lease", "nan"),
        (["serve", "websocket", "--lease", "1"], "--lease", "2<=x<=3600"),
        (["serve", "websocket", "--port", "65536"], "--port", "0<=x<=65535"),
        (["serve", "websocket", "--origin", "junk"], "--origin", "SCHEME://HOST[:PORT]"),
        (["bench", "--seed", "-1"], "--seed", "0<=x<=4294967295"),
        (["bench", "--seed", "9" * 30], "--seed", "0<=x<=4294967295"),
        (["bench", "--aa", "--plant", "nan"], "--plant", "nan"),
        (["interop", "--patience", "nan"], "--patience", "nan"),
        (["handshake-errors", "--patience", "nan"], "--patience", "nan"),
        (["reproduce", "cometd", "--scale", "nan"], "--scale", "nan"),
        (["reproduce", "cometd", "--seed", "-1"], "--seed", "0<=x<=4294967295"),
        (["bench", "--burst", "0"], "--burst", "1<=x<=10000"),
        (["link", "--loss", "1.5"], "--loss", "0<=x<=1"),
        (["link", "--loss", "nan"], "--loss", "nan"),
        (["link", "--reorder", "-1"], "--reorder", "0<=x<=1"),
        (["link", "--burst", "0.5"], "--burst", "1<=x<=10000"),
        (["link", "--delay", "2h"], "--delay", "such as 50ms"),
        (["link", "--rate", "0B"], "--rate", "at least 1 byte"),
        (["link", "--queue", "0"], "--queue", "1<=x<=1000000"),
        (["link", "--seed", "-1"], "--seed", "0<=x<=4294967295"),
        (["link", "--packets", "1", "--calibrate"], "--packets", "100<=x<=10000000"),
        (["link", "--network", "pigeon"], "--network", "'dc', 'cable'"),
        (["weigh", "--sample", "chat", "--window", "8"], "--window", "zlib refuses"),
        (["weigh", "--sample", "chat", "--window", "16"], "--window", "9<=x<=15"),
        (["weigh", "--sample", "chat", "--level", "10"], "--level", "1<=x<=9"),
        (["weigh", "--sample", "chat", "--bytes", "63"], "--bytes", "64<=x<=1048576"),
        (["weigh", "--sample", "mail"], "--sample", "'chat', 'presence'"),
        (["bench", "--transports", ""], "--transports", "no name is given; there are loopback"),
        (["bench", "--transports", ","], "--transports", "no name is given; there are loopback"),
        (["bench", "--transports", "websocket,"], "--transports", "an empty name in 'websocket,'"),
        (["code", "--transports", ""], "--transports", "no name is given; there are loopback"),
        (["interop", "--clients", ""], "--clients", "no name is given; there are"),
        (
            ["handshake-errors", "--transports", " "],
            "--transports",
            "no name is given; there are loopback",
        ),
        (["serve", ""], "TRANSPORT", "no name is given; there are loopback"),
        (["trace", " "], "TRANSPORT", "no name is given; there are loopback"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_is_out_of_range_is_refused_by_its_name(
    arguments: list[str], option: str, complaint: str
) -> None:
    result = CliRunner().invoke(main, arguments, terminal_width=10_000)
    assert result.exit_code == 2, result.output
    assert option in result.output
    assert complaint in result.output


def numbers() -> list[tuple[str, click.Parameter]]:
    """Every option of every command that takes a number."""
    found = []
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        for each in (command, *getattr(command, "commands", {}).values()):
            found += [(f"{name} {p.name}", p) for p in each.params if _counts(p)]
    return found


def _counts(option: click.Parameter) -> bool:
    return isinstance(option.type, click.types.IntParamType | click.types.FloatParamType)


@pytest.mark.parametrize("option", [pytest.param(option, id=name) for name, option in numbers()])
def test_every_number_has_a_range(option: click.Parameter) -> None:
    assert isinstance(option.type, click.IntRange | click.FloatRange)
    assert option.type.min is not None
    assert option.type.max is not None
    if isinstance(option.type, click.FloatRange):
        with pytest.raises(click.BadParameter, match="nan"):
            option.type.convert("nan", option, None)  # type: ignore[arg-type]  # as click does


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://chat.example", "https://chat.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("HTTPS://Chat.Example:443", "https://chat.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://h:443", "http://h:443"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
        ("null", "null"),
    ],
)
def test_an_origin_is_taken_as_browsers_send_it(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        *("junk", "", "*", "https://", "://h", "chat.example", "chat.example:443", "http:/h"),
        *("http://h/", "http://h/path", "http://h?q", "http://h#f", "http://me@h", "http://h:"),
        *("http://h:port", "http://h:65536", "http://a b", "http://*.h", "http://a,http://b"),
        *("http://bücher.example", "http://[::1", "http://h\n", "1http://h", " http://h"),
    ],
)
def test_what_no_browser_sends_is_no_origin(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no Origin: write SCHEME://HOST\[:PORT\]"):
        parse_origin(text)


@pytest.mark.parametrize("command", ["bench", "chat", "code", "handshake-errors", "interop"])
def test_the_help_of_transports_names_every_group(command: str) -> None:
    output = " ".join(CliRunner().invoke(main, [command, "--help"]).output.split())
    assert f"groups of them: {', '.join(GROUPS)}; `lab list` names them" in output


def test_the_list_of_commands_cuts_no_sentence_off() -> None:
    for group in ([], ["reproduce"]):
        output = " ".join(CliRunner().invoke(main, [*group, "--help"]).output.split())
        assert "..." not in output.partition("Commands:")[2]
    output = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert "and show the answers." in output
