"""Compare a joined room in JavaScript with the one in Python: the same entries make the same room.

So a node in either language goes on from the other's snapshots, and reads its entries.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.chat import commands
from lab.chat.effects import Effect
from lab.chat.limits import Limits
from lab.journal import entries
from lab.journal.entries import Done, Entry, Gone
from lab.journal.recover import MEMBERS_PER_START
from lab.journal.redis.room import RoomReplica, Stored
from tests.transports.needs_node import needs_node
from tests.transports.node.test_rooms import Replayer, whys

pytestmark = needs_node

NARROW = Limits(members_per_room=2, log_events=5, log_bytes=1500, text_bytes=12)
NOW_MS = 1_790_000_000_000
FIRST = Done(MEMBERS_PER_START, NOW_MS, commands.Join(0, "lab", "ann"))

# Of each length that MessagePack writes in another way, and letters of one to four bytes.
names = st.sampled_from(["ann", "bob", "ö", "\U00010330", " "])
said = st.text(st.sampled_from('aé☕\u2028\n\x1f"\\\U00010330'), max_size=9)
texts = said | st.sampled_from(["", "x" * 31, "x" * 32, "x" * 300, "x" * 70_000])
seqs = st.none() | st.sampled_from([0, 3, 127, 128, 70_000, 2**32, 2**53 - 1])
epochs = st.none() | st.sampled_from(["x.1", "y.1"])
keys = st.none() | st.sampled_from(["k", "é"])
ids = st.sampled_from([0, 127, 128, 255, 256, 65_536, 2**53 - 1])
sent: st.SearchStrategy[commands.Join | commands.Leave | commands.Say] = st.one_of(
    st.builds(commands.Join, ids, st.just("lab"), names, seqs, epochs),
    st.builds(commands.Say, ids, st.just("lab"), texts, keys),
    st.builds(commands.Say, ids, st.just("lab"), texts, keys),
    st.builds(commands.Leave, ids, st.just("lab")),
)
numbers = st.integers(1, 3).map(lambda start: start * MEMBERS_PER_START + start)
happened: st.SearchStrategy[Entry] = st.one_of(
    st.builds(Done, numbers, st.integers(NOW_MS, NOW_MS + 9), sent),
    st.builds(Done, numbers, st.integers(NOW_MS, NOW_MS + 9), sent),
    st.builds(Gone, numbers, whys),
)


@pytest.fixture(scope="module")
def node() -> Iterator[Replayer]:
    replayer = Replayer("replica.mjs")
    yield replayer
    replayer.close()


@settings(max_examples=100)
@given(
    script=st.lists(happened, min_size=1, max_size=30),
    limits=st.sampled_from([Limits(), NARROW]),
    restored=st.sets(st.integers(1, 30)),
)
def test_the_same_entries_make_the_same_room(
    node: Replayer, script: list[Entry], limits: Limits, restored: set[int]
) -> None:
    encoded = [entries.encode(entry) for entry in [FIRST, *script]]
    question = {
        "limits": msgspec.to_builtins(limits),
        "entries": [b64encode(data).decode() for data in encoded],
        "restored": sorted(restored),
    }
    room = RoomReplica("lab", "x.1", limits)
    for number, (data, came) in enumerate(zip(encoded, node.ask(question), strict=True), 1):
        entry, effects = room.apply(Stored(number, 1, 0, data))
        assert b64decode(came["again"]) == data
        assert came["effects"] == [_plain(effect) for effect in effects], entry
        assert (b64decode(came["snapshot"]), came["noops"]) == (room.snapshot(), room.noops)
        changes = not isinstance(entry, Done) or entries.changing(limits, entry.command)
        assert came["changes"] == bool(changes)


def _plain(effect: Effect) -> dict[str, object]:
    return {"kind": type(effect).__name__.lower(), **json.loads(msgspec.json.encode(effect))}
