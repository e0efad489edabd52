"""Commands that the room refuses, and texts that are no commands: rows for the cases and the tests.

In each, the member is `ann` or `raw`, in the room `den`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNTYPED: dict[str, tuple[str, Mapping[str, Any]]] = {
    "join without a name": ("join", {"room": "den"}),
    "join with a number for a name": ("join", {"room": "den", "name": 7}),
    "join after less than nothing": ("join", {"room": "den", "name": "ann", "after": -1}),
    "join after a text": ("join", {"room": "den", "name": "ann", "after": "1"}),
    "leave nothing": ("leave", {}),
    "leave null": ("leave", {"room": None}),
    "say nothing": ("say", {"room": "den"}),
    "say an object": ("say", {"room": "den", "text": {"$ne": ""}}),
    "say a list": ("say", {"room": "den", "text": ["a"]}),
    "say under an empty key": ("say", {"room": "den", "text": "a", "key": ""}),
    "say under a long key": ("say", {"room": "den", "text": "a", "key": "k" * 65}),
    "say under a number": ("say", {"room": "den", "text": "a", "key": 1}),
    "typing nowhere": ("typing", {}),
    "history of nothing at all": ("history", {"room": "den", "limit": 0}),
    "history of a part": ("history", {"room": "den", "limit": 1.5}),
    "history before the first": ("history", {"room": "den", "limit": 1, "before": 0}),
    "history without a limit": ("history", {"room": "den"}),
}
"""Commands with a field of the wrong kind: `bad_command`."""

UNKNOWN = (
    "shout",
    "",
    "Join",
    "joined",
    "message",
    "refused",
    "error",
    "constructor",
    "*",
)
"""Names that are no commands: `unknown_command`."""

NO_COMMANDS = {
    "a word": b"garbage",
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "half an object": b'{"type":"rooms"',
    "no type": b'{"id":7}',
    "no id": b'{"type":"rooms"}',
    "a lone surrogate": b'{"type":"say","id":7,"room":"den","text":"\\ud800"}',
    "deep nesting": b"[" * 20_000,
    "twice": b'{"type":"rooms","id":7}{"type":"rooms","id":8}',
    "a negative id": b'{"type":"rooms","id":-1}',
    "a huge id": b'{"type":"rooms","id":9007199254740992}',
}
"""Native texts that are no commands: `bad_command`, and the connection stays."""

SURROGATES = {
    "in the text": '["say",{"room":"den","text":"hi \\ud83d"}]',
    "in the text, the second half": '["say",{"room":"den","text":"\\ude00 hi"}]',
    "in the text, in the wrong order": '["say",{"room":"den","text":"\\ude00\\ud83d"}]',
    "in the key": '["say",{"room":"den","text":"hi","key":"\\ud83d"}]',
    "in the room": '["say",{"room":"\\ud83d","text":"hi"}]',
    "in the room of a join": '["join",{"room":"\\ud83d","name":"raw"}]',
    "in the name": '["join",{"room":"pub","name":"\\ud83d"}]',
    "in a field beside": '["say",{"room":"den","text":"hi","x":"\\ud83d"}]',
}
"""Events of Socket.IO with a lone surrogate: `bad_command`, under their id."""

PLACEHOLDER = '["say",{"room":"den","text":{"_placeholder":true,"num":%s}}]'
ASKING: dict[str, tuple[str | bytes, ...]] = {
    "no data": ("427",),
    "an empty array": ("427[]",),
    "an array in an array": ("427[[]]",),
    "an object in an array": ("427[{}]",),
    "null in an array": ("427[null]",),
    "an object": ("427{}",),
    "a text": ('427"say"',),
    "half an array": ('427["say"',),
    "half a payload": ('427["say",{"room":"den","text":"hi"',),
    "two arrays": ('427["rooms",{}]["rooms",{}]',),
    "a name alone": ('427["say"]',),
    "a name that is a number": ("427[7,{}]",),
    "NaN": ('427["rooms",{"x":NaN}]',),
    "a number that is too large": ('427["rooms",{"x":1e999}]',),
    "a limit that is too large": ('427["history",{"room":"den","limit":1e999}]',),
    "a limit of 400 digits": ('427["history",{"room":"den","limit":1%s}]' % ("0" * 400),),
    "a limit of minus nothing": ('427["history",{"room":"den","limit":-0}]',),
    "deep nesting": ('427["rooms",{"x":' + "[" * 5000 + "]" * 5000 + "}]",),
    "a lone surrogate for a name": ('427["\\ud83d",{}]',),
    "a namespace that is not entered": ('42/admin,7["rooms",{}]',),
    "bytes for a text": ("451-7" + PLACEHOLDER % 0, b"\0"),
    "a placeholder of the next attachment": ("451-7" + PLACEHOLDER % 1, b"\0"),
    "a placeholder of the last attachment": ("451-7" + PLACEHOLDER % -1, b"\0"),
    "a placeholder of an infinite one": ("451-7" + PLACEHOLDER % "1e999", b"\0"),
    "a placeholder of a text": ("451-7" + PLACEHOLDER % '"0"', b"\0"),
    "a placeholder of nothing": ("451-7" + PLACEHOLDER % "null", b"\0"),
    "a text for an attachment": ("451-7" + PLACEHOLDER % 0, '426["rooms",{}]'),
    "one attachment too many": ("451-7" + PLACEHOLDER % 0, b"\0", b"\0"),
    "an attachment too few": ("452-7" + PLACEHOLDER % 0, b"\0"),
    "no attachments": ("450-7" + PLACEHOLDER % 0,),
}
"""Packets that are command 7, or none: one reply, or the session ends."""

SILENT: dict[str, tuple[str | bytes, ...]] = {
    "an empty message": ("4",),
    "an event of nothing": ("42",),
    "an empty array": ("42[]",),
    "a binary event of nothing": ("45-",),
    "attachments of nothing": ("451-", b"\0"),
    "attachments without a number": ("45-7[]", b"\0"),
    "an object": ('4{"type":"rooms"}',),
    "null": ("4null",),
    "a kind that there is not": ("49",),
    "a text for a kind": ("4x",),
    "an acknowledgement of nothing": ("43",),
    "half an acknowledgement": ("437[",),
    "a server's refusal": ('44{"message":"no"}',),
    "bytes without an event": (b'2["rooms",{}]',),
    "no bytes without an event": (b"",),
}
"""Packets that are no command: the next command is answered, or the session ends."""
