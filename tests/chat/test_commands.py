"""Reading commands: what is one is read back as it was, what is none is refused and no more."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat import commands
from lab.chat.commands import BadCommandError, Command, Join, Rooms, Say
from lab.chat.events import Refused
from tests.chat import strategies

WRONG = ("bad_command", 7)
"""Refused, with its id."""


def refused(read: Callable[[], Command]) -> Refused:
    with pytest.raises(BadCommandError) as bad:
        read()
    assert bad.value.refusal.reason == str(bad.value)
    return bad.value.refusal


def is_answerable(read: Callable[[], Command]) -> None:
    """A command, or `BadCommandError` with a refusal that any transport can send."""
    try:
        command = read()
    except BadCommandError as bad:
        assert bad.refusal.code in ("bad_command", "unknown_command")
        assert bad.refusal.reason
        msgspec.json.encode(bad.refusal)
    else:
        assert commands.decode(commands.encode(command)) == command


class TestDecode:
    @given(strategies.all_commands)
    def test_reads_what_encode_wrote(self, command: Command) -> None:
        assert commands.decode(commands.encode(command)) == command
        assert commands.decode(commands.encode(command).decode()) == command

    @given(st.binary(max_size=60))
    def test_any_bytes_are_a_command_or_refused(self, data: bytes) -> None:
        is_answerable(lambda: commands.decode(data))

    @given(st.text(st.characters(), max_size=60))
    def test_any_text_is_a_command_or_refused(self, text: str) -> None:
        is_answerable(lambda: commands.decode(text))

    @given(strategies.nearly_commands | strategies.json_values)
    def test_any_json_is_a_command_or_refused(self, value: object) -> None:
        is_answerable(lambda: commands.decode(json.dumps(value)))

    @given(strategies.all_commands, st.data())
    def test_a_damaged_command_is_a_command_or_refused(
        self, command: Command, data: st.DataObject
    ) -> None:
        whole = commands.encode(command)
        at = data.draw(st.integers(0, len(whole)))
        damaged = whole[:at] + data.draw(st.binary(max_size=2)) + whole[at + 1 :]
        is_answerable(lambda: commands.decode(damaged))

    @pytest.mark.parametrize("opening", [b"[", b'{"x":', b'{"type":"rooms","id":1,"x":['])
    def test_endless_nesting_is_refused(self, opening: bytes) -> None:
        assert refused(lambda: commands.decode(opening * 100_000)).code == "bad_command"

    @pytest.mark.parametrize(
        ("text", "code", "command_id", "reason"),
        [
            ("", "bad_command", None, "not JSON"),
            ("hello", "bad_command", None, "not JSON"),
            ('{"type":"rooms","id":NaN}', "bad_command", None, "not JSON"),
            ("7", "bad_command", None, "expected an object"),
            ('["rooms",7]', "bad_command", None, "expected an object"),
            ("{}", "bad_command", None, "type"),
            ('{"type":"rooms"}', "bad_command", None, "id"),
            ('{"id":7}', "bad_command", 7, "type"),
            ('{"type":7,"id":7}', "bad_command", 7, "type"),
            ('{"type":"shout","id":7}', "unknown_command", 7, "'shout'; there are join, leave"),
            ('{"type":"Say","id":7}', "unknown_command", 7, "say"),
            ('{"type":"shout","id":"7"}', "unknown_command", None, "shout"),
            ('{"type":"rooms","id":-1}', "bad_command", None, "id"),
            ('{"type":"rooms","id":7.5}', "bad_command", None, "id"),
            ('{"type":"rooms","id":9007199254740992}', "bad_command", None, "id"),
            ('{"type":"say","id":7,"room":"lab"}', "bad_command", 7, "text"),
            ('{"type":"say","id":7,"room":1,"text":""}', "bad_command", 7, "room"),
            ('{"type":"say","id":7,"room":"r","text":"","key":""}', "bad_command", 7, "key"),
            ('{"type":"join","id":7,"room":"r","name":"n","after":-1}', "bad_command", 7, "after"),
            ('{"type":"history","id":7,"room":"r","limit":0}', "bad_command", 7, "limit"),
            ('{"type":"history","id":7,"room":"r","limit":1,"before":0}', "bad_command", 7, "bef"),
            ('{"type":"rooms","id":7,"id":"x"}', "bad_command", None, "id"),
            # JSON that msgspec takes for none.
            ('{"type":"history","id":7,"room":"r","limit":1e999}', "bad_command", 7, "limit"),
            ('{"type":"history","room":"r","limit":-1e999,"id":7}', "bad_command", 7, "limit"),
            ('{"type":"history","id":7,"room":"r","limit":1%s}' % ("0" * 5000), *WRONG, "limit"),
            ('{"type":"rooms","id":1e999}', "bad_command", None, "id"),
            ('{"type":"say","id":7,"room":"r","text":"\\ud83d"}', *WRONG, "surrogates"),
            ('{"type":"say","id":7,"room":"\\ud83d","text":""}', *WRONG, "surrogates"),
            ('{"type":"say","id":7,"room":"r","text":"","key":"\\ude00"}', *WRONG, "surrogates"),
            ('{"type":"rooms","id":7,"x":"\\ud83d"}', *WRONG, "surrogates"),
            ('{"type":"rooms","id":7,"\\ud83d":1}', *WRONG, "surrogates"),
            ('{"type":"rooms","id":7,"x":[{"y":"\\ud83d"}]}', *WRONG, "surrogates"),
            ('{"type":"\\ud83d","id":7}', "unknown_command", 7, "ud83d"),
            # What is no JSON has the id that can be read before it goes wrong.
            ('{"type":"say","id":7,"room":"r","text":"hi', *WRONG, "not JSON"),
            ('{"text":"\\"id\\":8,","x":-1.5e3,"id": 7 ,"room"', *WRONG, "not JSON"),
            ('{"type":"rooms","id":7,"x":NaN}', *WRONG, "not JSON"),
            ('{"type":"rooms","id":7}}', *WRONG, "not JSON"),
            ('{"x":{"id":7},"type":"rooms"', "bad_command", None, "not JSON"),
            ('{"type":"rooms","id":77777777777777777', "bad_command", None, "not JSON"),
            ('{"id":7', "bad_command", None, "not JSON"),
            ('{"id":9007199254740991,', "bad_command", 2**53 - 1, "not JSON"),
            ('{"id":9007199254740992,', "bad_command", None, "not JSON"),
        ],
    )
    def test_the_refusal_says_what_is_wrong_and_whose_it_is(
        self, text: str, code: str, command_id: int | None, reason: str
    ) -> None:
        refusal = refused(lambda: commands.decode(text))
        assert (refusal.code, refusal.id) == (code, command_id)
        assert reason in refusal.reason

    @pytest.mark.parametrize("field", ["1e999", "1" + "0" * 400, "-0", "1" + "0" * 9999])
    def test_a_field_that_means_nothing_may_be_any_number(self, field: str) -> None:
        assert commands.decode('{"type":"rooms","id":7,"x":' + field + "}") == Rooms(7)

    def test_of_a_field_that_stands_there_twice_the_last_counts(self) -> None:
        assert commands.decode('{"type":"rooms","id":"x","id":7}') == Rooms(7)

    def test_a_long_unknown_name_is_cut(self) -> None:
        refusal = refused(lambda: commands.decode('{"type":"%s","id":1}' % ("x" * 9999)))
        assert len(refusal.reason) < 200

    def test_a_key_of_more_than_64_characters_is_refused(self) -> None:
        say = commands.encode(Say(7, "lab", "hi", "k" * 65))
        assert refused(lambda: commands.decode(say)).id == 7

    @pytest.mark.parametrize(
        "text", ["\\ud800", "\\udfff", "\\ud800x", "\ud800", "\udc00\ud800"], ids=ascii
    )
    def test_lone_surrogates_are_refused(self, text: str) -> None:
        say = f'{{"type":"say","id":7,"room":"lab","text":"{text}"}}'
        assert refused(lambda: commands.decode(say)).code == "bad_command"
        escaped = say.encode(errors="surrogatepass")
        assert refused(lambda: commands.decode(escaped)).code == "bad_command"

    def test_a_surrogate_pair_is_one_character(self) -> None:
        say = '{"type":"say","id":7,"room":"lab","text":"\\ud83d\\ude00"}'
        assert commands.decode(say) == Say(7, "lab", "😀")

    def test_fields_that_nobody_knows_are_passed_over(self) -> None:
        assert commands.decode('{"type":"rooms","id":7,"colour":"red"}') == Rooms(7)


class TestConvert:
    @given(strategies.all_commands)
    def test_reads_what_to_payload_wrote(self, command: Command) -> None:
        payload = commands.to_payload(command)
        assert commands.convert(commands.name_of(command), payload, command.id) == command
        assert not {"type", "id"} & set(payload)

    @given(
        strategies.names | st.text(st.characters(), max_size=40),
        strategies.nearly_commands | strategies.json_values | st.binary(max_size=5),
        st.integers(),
    )
    def test_any_payload_is_a_command_or_refused(
        self, name: str, payload: object, command_id: int
    ) -> None:
        is_answerable(lambda: commands.convert(name, payload, command_id))

    @given(st.dictionaries(st.integers() | st.text(st.characters()), st.text(st.characters())))
    def test_any_keys_and_surrogates_are_a_command_or_refused(
        self, payload: dict[object, object]
    ) -> None:
        is_answerable(lambda: commands.convert("say", {"room": "r", "text": "t", **payload}, 1))

    def test_the_transports_own_name_and_id_count(self) -> None:
        payload = {"room": "lab", "text": "hi", "type": "leave", "id": 99}
        assert commands.convert("say", payload, 7) == Say(7, "lab", "hi")

    @pytest.mark.parametrize(
        ("name", "payload", "code", "reason"),
        [
            ("shout", {}, "unknown_command", "no command 'shout'"),
            (5, {}, "unknown_command", "no command '5'"),
            (["say"], {}, "unknown_command", "no command"),
            ("say", None, "bad_command", "say: expected an object"),
            ("say", ["lab", "hi"], "bad_command", "say: expected an object"),
            ("say", {"room": "lab"}, "bad_command", "text"),
            ("say", {"room": "lab", "text": b"hi"}, "bad_command", "text"),
            ("say", {"room": "lab", "text": "\ud800"}, "bad_command", "surrogates"),
            ("join", {"room": "lab", "name": "a", "after": 10**30}, "bad_command", "after"),
        ],
    )
    def test_the_refusal_says_what_is_wrong(
        self, name: object, payload: object, code: str, reason: str
    ) -> None:
        refusal = refused(lambda: commands.convert(name, payload, 7))
        assert (refusal.code, refusal.id) == (code, 7)
        assert reason in refusal.reason

    def test_text_outside_ascii_is_kept(self) -> None:
        join = commands.convert("join", {"room": "é", "name": "😀"}, 1)
        assert join == Join(1, "é", "😀")


def test_what_is_absent_is_left_out_of_a_payload() -> None:
    assert commands.to_payload(Join(1, "lab", "ada")) == {"room": "lab", "name": "ada"}
    assert commands.to_payload(Join(1, "lab", "ada", 0))["after"] == 0


def test_the_names_on_the_wire() -> None:
    assert list(commands.NAMES) == ["join", "leave", "say", "typing", "history", "rooms"]
    assert commands.name_of(Rooms(1)) == "rooms"


def test_one_command_is_one_json_text() -> None:
    assert json.loads(commands.encode(Say(7, "lab", "hi", "k"))) == {
        "type": "say",
        "id": 7,
        "room": "lab",
        "text": "hi",
        "key": "k",
    }
