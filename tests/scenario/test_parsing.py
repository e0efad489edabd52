"""Every error of a scenario names the key, what is allowed there, and the line."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import inspect

from lab.cli.scenarios import examples
from lab.scenario import Expected, Scenario, ScenarioError, parse
from lab.scenario.lines import Lines

GOOD = """name = "chat"
url = "http://localhost:3000"

[connect]
transport = "socketio"

[send]
event = "chat message"
args = ["{id} {text:32}"]

[broadcast]
to = "everybody"

[load]
clients = 10
"""


def test_a_scenario_is_read() -> None:
    found = parse(GOOD, "chat.toml")
    assert (found.name, found.connect.mode, found.load.speaking) == ("chat", "websocket", 10)
    assert found.broadcast is not None
    assert found.broadcast.to == "everybody"
    assert found.load.window == 1


@pytest.mark.parametrize("name", examples())
def test_every_example_is_read_and_bears_its_name(name: str) -> None:
    assert parse(examples()[name], name).name == name


WRONG = {
    "no TOML": ("[load]", "[load", "chat.toml is no TOML: "),
    "unknown table": (
        "[load]",
        "[laod]",
        "line 14: a scenario has no key laod (did you mean load?)",
    ),
    "unknown key": (
        'transport = "socketio"',
        'transprot = "socketio"',
        "line 5: connect has no key transprot (did you mean transport?); it may have transport, ",
    ),
    "unknown value": (
        '"socketio"',
        '"sockjs"',
        'line 5: connect.transport must be one of "socketio", "websocket", not "sockjs"',
    ),
    "missing": ('name = "chat"\n', "", "chat.toml: name is missing: it must be at most 40 of "),
    "missing in a table": (
        'to = "everybody"\n',
        "",
        "line 11: broadcast.to is missing: it must be ",
    ),
    "name": ('"chat"', '"Chat room"', "line 1: name must be at most 40 of a-z, "),
    "text": ('"chat message"', "7", "line 8: send.event must be a text, not 7"),
    "list": ('["{id} {text:32}"]', "true", "line 9: send.args must be a list, not true"),
    "number": ("clients = 10", 'clients = "ten"', 'from 1 to 100,000, not "ten"'),
    "small number": ("clients = 10", "clients = 0", "line 15: load.clients must be a whole number"),
    "float": (
        "clients = 10",
        "rate = nan",
        "load.rate must be a number above 0 to 1,000,000, not nan",
    ),
    "path": (
        'transport = "socketio"',
        'transport = "socketio"\npath = "x"',
        'line 6: connect.path must be a text that begins with /, not "x"',
    ),
    "table": (
        'to = "everybody"',
        'to = "everybody"\nwhat = 3',
        "broadcast.what must be a table with",
    ),
    "a table for a text": (
        'event = "chat message"',
        "event = {a = 1}",
        "must be a text, not {",
    ),
    "a list for a text": ('event = "chat message"', "event = [1]", "must be a text, not [1]"),
    "a long text": ("clients = 10", f'clients = "{"x" * 99}"', "xxx…"),
    "steps": (
        "[load]",
        "[setup]\na = 1\n[load]",
        "setup must be tables, each as [[setup]], not {",
    ),
    "texts": (
        "[load]",
        "[connect.headers]\na = 1\n[load]",
        "connect.headers must be a table of texts, not {",
    ),
    "table of texts": ("[send]", "headers = 3\n[send]", "connect.headers must be a table of texts"),
    "any table": ("[send]", "auth = 3\n[send]", "connect.auth must be a table, not 3"),
    "list of texts": ("[send]", "subprotocols = 3\n[send]", "must be a list of texts, not 3"),
    "truth": ("[load]", "[answer]\nack = 1\n[load]", "answer.ack must be true or false, not 1"),
    "bound": (
        "[load]",
        "[server]\npid = 0\n[load]",
        "server.pid must be a whole number from 1, not 0",
    ),
    "placeholder": (
        "{id}",
        "{idd}",
        "there is no placeholder {idd} here; there are {id}, {client}, ",
    ),
    "placeholder's size": ("{text:32}", "{text}", "{text} needs a size from 1 to 65,536 bytes"),
    "a number inside a text": (
        "{id} ",
        "{id:number} ",
        "{id:number} makes a number of a whole value",
    ),
    "an id in the query": ("[send]", 'query = {a = "{id}"}\n[send]', "no placeholder {id} here"),
    "no id": ("{id} ", "", "line 7: send: it needs the placeholder {id}"),
    "nothing to wait for": (
        '[broadcast]\nto = "everybody"\n',
        "",
        "answer or broadcast: give at least",
    ),
    "two messages": (
        "args =",
        'text = "{id}"\nargs =',
        "send: event, text or json: give one",
    ),
    "args of a text": (
        'event = "chat message"',
        'text = "{id}"',
        "send: args are the arguments of an",
    ),
    "rooms": (
        "clients = 10",
        "clients = 10\nrooms = 11",
        "rooms must be at most the number of senders",
    ),
    "senders": (
        "clients = 10",
        "clients = 10\nsenders = 11",
        "line 16: load: senders must be at most",
    ),
    "two loops": (
        "clients = 10",
        "rate = 1\nin_flight = 1",
        "load: in_flight is for a closed loop",
    ),
    "messages at a rate": (
        "clients = 10",
        "rate = 1\nmessages = 1",
        "messages is for a closed loop",
    ),
    "two ends": ("clients = 10", "duration = 1\nmessages = 1", "duration or messages: give one"),
    "text on Socket.IO": (
        'event = "chat message"\nargs = ["{id} {text:32}"]',
        'text = "{id}"',
        'line 7: send: with transport = "socketio" give event',
    ),
    "event on WebSocket": (
        'transport = "socketio"',
        'transport = "websocket"',
        'line 7: send: with transport = "websocket" give text or json',
    ),
    "subprotocol": (
        "[send]",
        'subprotocols = ["a"]\n[send]',
        "line 7: connect: subprotocols is for",
    ),
    "step": (
        "[load]",
        '[[setup]]\ntext = "a"\n[load]',
        'line 14: setup[0]: with transport = "socketio"',
    ),
    "second step": (
        "[load]",
        '[[setup]]\nevent = "a"\n[[setup]]\nevent = "b"\nanswer = "echo"\n[load]',
        'line 18: setup[1].answer must be one of "ack" or a table with ack, ',
    ),
    "id of a step": (
        "[load]",
        '[[setup]]\nevent = "a"\nanswer = {event = "b", id = "0"}\n[load]',
        "line 16: setup[0]: answer: a step of the setup has no id",
    ),
    "nothing expected": (
        "[load]",
        '[answer]\nid = "0"\n[load]',
        "answer: event, match or starts: give",
    ),
    "an ack with an event": (
        "[load]",
        '[answer]\nack = true\nevent = "a"\n[load]',
        "ack has no event",
    ),
    "starts with an event": (
        "[load]",
        '[answer]\nstarts = "a"\nevent = "b"\n[load]',
        "starts is of a",
    ),
    "no event expected": (
        "[load]",
        '[answer]\nstarts = "a"\n[load]',
        'answer: with transport = "socketio"',
    ),
    "a broadcast acknowledgement": (
        "[load]",
        "[broadcast.what]\nack = true\n[load]",
        "sender alone",
    ),
    "command and pid": (
        "[load]",
        '[server]\npid = 1\ncommand = ["a"]\n[load]',
        "command or pid: give",
    ),
    "empty command": (
        "[load]",
        "[server]\ncommand = []\n[load]",
        "command must have at least one word",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_is_explained(fault: str) -> None:
    before, after, expected = WRONG[fault]
    assert before in GOOD
    with pytest.raises(ScenarioError) as raised:
        parse(GOOD.replace(before, after, 1), "chat.toml")
    assert str(raised.value).startswith("chat.toml")
    assert expected in str(raised.value)


NATIVE = GOOD.replace('"socketio"', '"websocket"').replace(
    'event = "chat message"\nargs = ["{id} {text:32}"]', 'text = "{id}"'
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[send]", 'namespace = "/a"\n[send]', 'namespace is for transport = "socketio" only'),
        ("[send]", 'mode = "polling"\n[send]', 'mode is for transport = "socketio" only'),
        ("[send]", 'auth = {a = "b"}\n[send]', 'auth is for transport = "socketio" only'),
        ("[load]", '[answer]\nevent = "a"\n[load]', "answer: only Socket.IO has events and"),
        ("url =", 'answer = "ack"\nurl =', "only Socket.IO has events and"),
        ("[load]", '[[setup]]\ntext = "a"\nanswer = "ack"\n[load]', "answer: only an event is"),
    ],
)
def test_a_native_scenario_has_nothing_of_socket_io(before: str, after: str, expected: str) -> None:
    assert parse(NATIVE, "chat.toml").send.text == "{id}"
    with pytest.raises(ScenarioError, match=r"chat\.toml, line ") as raised:
        parse(NATIVE.replace(before, after, 1), "chat.toml")
    assert expected in str(raised.value)


def test_a_server_is_a_command_or_a_process() -> None:
    for key in ("pid = 1", 'command = ["node"]'):
        assert parse(f"{GOOD}[server]\n{key}\n", "chat.toml").server is not None


def test_json_may_be_any_value() -> None:
    source = NATIVE.replace('text = "{id}"', 'json = {id = "{id:number}", n = [1, {a = "{n}"}]}')
    assert parse(source, "chat.toml").send.json == {"id": "{id:number}", "n": [1, {"a": "{n}"}]}


def test_lines_of_keys() -> None:
    source = '''a = 1
"b c" = """
x = 2
""" # not x
list = [
  "y = 3",
  [{z = 4}],
]
d.e = \'\'\'f = 5\'\'\'

[t] # [u]
g = {h = 1}
[[s]]
k = "[" # {
[[s]]
k = """one line"""
[s.in]
m = \'\'\'
n = """ \'\'\'
'''
    lines = Lines(source)
    found = {
        place: lines.of(place)
        for place in [
            ("a",),
            ("b c",),
            ("x",),
            ("list",),
            ("d", "e"),
            ("t",),
            ("t", "g", "h"),
            ("s", 0, "k"),
            ("s", 1, "k"),
            ("s", 1, "in", "m"),
            ("s", 1, "in", "other"),
        ]
    }
    assert list(found.values()) == [1, 2, None, 5, 9, 11, 12, 14, 16, 18, 17]


def test_no_key_allows_what_the_explanation_can_not_say() -> None:
    """Each key is of a kind that `_allowed` describes."""
    from lab.scenario.parsing import _allowed

    def places(found: inspect.Type, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        kinds = found.types if isinstance(found, inspect.UnionType) else (found,)
        below = [
            place
            for kind in kinds
            if isinstance(kind, inspect.StructType)
            for field in kind.fields
            for place in places(field.type, (*at, field.encode_name))
        ]
        return [at, *below] if at else below

    free = {("send", "json")}
    silent = {place for place in places(inspect.type_info(Scenario)) if not _allowed(place)}
    assert silent == free


def test_a_scenario_survives_its_own_record() -> None:
    for source in (GOOD, NATIVE, *examples().values()):
        found = parse(source, "chat.toml")
        assert msgspec.convert(msgspec.to_builtins(found), Scenario) == found
    assert msgspec.to_builtins(Expected(event="a")) == {"event": "a"}
