"""Hypothesis strategies for commands, events and what is neither."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from lab.chat import commands, events
from lab.chat.commands import Command

MOST = 2**53 - 1
ids = st.integers(0, MOST)
seqs = st.integers(0, MOST)
positive = st.integers(1, MOST)
texts = st.text(max_size=20)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    ["type", "id", "room", "name", "after", "epoch", "text", "key", "limit", "before"]
)
names = st.sampled_from([*commands.NAMES, "nonsense", "Say"])
nearly_commands = st.builds(
    lambda name, some: {"type": name, **some},
    names | json_values,
    st.dictionaries(fields, json_values | ids, max_size=6),
)
"""Objects with a command's fields, of any value: what a clumsy client sends."""

all_commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(commands.Join, ids, texts, texts, st.none() | seqs, st.none() | texts),
    st.builds(commands.Leave, ids, texts),
    st.builds(commands.Say, ids, texts, texts, st.none() | st.text(min_size=1, max_size=64)),
    st.builds(commands.Typing, ids, texts),
    st.builds(commands.History, ids, texts, positive, st.none() | positive),
    st.builds(commands.Rooms, ids, st.none() | texts, st.none() | positive),
)

logged_events: st.SearchStrategy[events.LoggedEvent] = st.one_of(
    st.builds(events.Arrived, texts, texts, positive),
    st.builds(events.Departed, texts, texts, positive, st.sampled_from(get_args(events.Why))),
    st.builds(events.Message, texts, positive, texts, texts, seqs),
)
room_events: st.SearchStrategy[events.RoomEvent] = logged_events | st.builds(
    events.IsTyping, texts, texts
)
replies: st.SearchStrategy[events.Reply] = st.one_of(
    st.builds(
        events.Joined,
        ids,
        texts,
        texts,
        st.lists(texts, max_size=3),
        positive,
        st.booleans(),
        texts,
    ),
    st.builds(events.Left, ids, texts),
    st.builds(events.Said, ids, texts, positive, seqs),
    st.builds(events.Page, ids, texts, st.lists(logged_events, max_size=3)),
    st.builds(
        events.Listing,
        ids,
        st.lists(st.builds(events.RoomSummary, texts, seqs, seqs), max_size=3),
        st.booleans(),
    ),
    st.builds(events.Refused, ids, st.sampled_from(get_args(events.Code)), texts),
)
