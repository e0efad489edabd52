# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: "1.3"
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How many bytes does it take to say "hello"?
#
# Five letters go up, and come back to everybody in the room. Around them stand the chat's own JSON,
# the packets of Engine.IO and Socket.IO, WebSocket frames, HTTP headers. Some of that is what you
# wanted to say; the rest is what the wire says about it.
#
# ## Your guess first
#
# Write it down: for one `say` of "hello" and its reply, both directions together, how many bytes?
#
# | wire | my guess |
# |:--|--:|
# | `websocket` | |
# | `socketio-websocket` | |
# | `socketio-polling` | |
#
# And one more: of the bytes that polling sends, what share is HTTP headers?

# %%
import asyncio

from lab import notebook
from lab.chat.limits import Limits
from lab.contract import ConnectOptions, Heartbeat
from lab.load.tapped import Script, converse
from lab.load.texts import incompressible
from lab.notebook import Chart, Prose
from lab.wire.decode import decode
from lab.wire.ledger import ledger
from lab.wire.show import annotate

WIRES = ["websocket", "socketio-websocket", "socketio-polling"]
LABELS = ["payload", "framing", "http"]
GREETINGS = ("hello",) * 5

# %% [markdown]
# ## Measure: tap one visit
#
# A client comes through the relay, joins, says "hello" five times and stays idle for two and a half
# seconds. Nothing here is timed, so the wires are visited side by side. The decoder turns what the
# relay saw into a tree, and every single byte is charged to someone. The heartbeat is set to one
# second so that there is a beat to see; the idle minute is then reckoned with the usual 25 seconds.


# %%
async def taped(line, script):
    """One visit, decoded."""
    tape = await converse(line.wire, line.url, line.port, script, ConnectOptions())
    return decode(tape.chunks, tape.events)


async def visits(wire):
    """A talkative visit and an idle end, then a visit for each size of text."""
    async with notebook.served(wire, "--heartbeat", "1", "20") as line:
        talk = await taped(line, Script(texts=GREETINGS, idle_s=2.5))
        sized = {size: await taped(line, Script(texts=texts_of(size))) for size in SIZES}
    return talk, sized


def texts_of(size):
    return tuple(incompressible(size, 3))


SIZES = [4, 16, 64, 256, 1024, 4096, 16384, Limits().text_bytes]
found = await asyncio.gather(*map(visits, WIRES))
talks = {wire: talk for wire, (talk, _) in zip(WIRES, found, strict=True)}
sized = {wire: by_size for wire, (_, by_size) in zip(WIRES, found, strict=True)}
entries = {wire: ledger(trace, Heartbeat().interval_s).entries[0] for wire, trace in talks.items()}

# %% [markdown]
# ## The ledger of one message


# %%
def parts(cost):
    """Bytes by part, both directions together."""
    return {label: getattr(cost.up, label) + getattr(cost.down, label) for label in LABELS}


message = {wire: parts(entry.message) for wire, entry in entries.items()}
delivery = {wire: parts(entry.delivery) for wire, entry in entries.items()}
total = {wire: sum(message[wire].values()) for wire in WIRES}
most = max(WIRES, key=total.get)
times = total[most] / total["websocket"]
notebook.stacks(
    {"one say, with its reply": message, "its delivery to one member": delivery},
    f'To say "hello", {most} takes {times:.1f} times the bytes of websocket',
    "means of five messages, one at a time; TCP's and IP's own headers are not counted",
)

# %%
notebook.table(
    ["wire", "say, up", "reply, down", "delivery", "of a say: payload", "framing", "HTTP headers"],
    [
        [
            f"`{wire}`",
            f"{entry.message.up.total:.0f} B",
            f"{entry.message.down.total:.0f} B",
            f"{entry.delivery.up.total + entry.delivery.down.total:.0f} B",
            *(f"{message[wire][label] / total[wire]:.1%}" for label in LABELS),
        ]
        for wire, entry in entries.items()
    ],
)

# %% [markdown]
# *Payload* is what the application said: the chat's JSON, in which "hello" is five bytes of some
# fifty. *Framing* is what the protocols add around it. A delivery over polling costs bytes **up**
# as well: to be told anything, a client has to ask first.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/polling>: each question with
# all its headers.
#
# ## One "hello", byte by byte
#
# The first `say` on each wire, up. The hexdump has the bytes as they travel; the text beside it is
# what they mean. A WebSocket client **masks** what it sends, with four fresh random bytes in each
# frame (RFC 6455, section 5.3), so that no script can make a browser write chosen bytes through a
# proxy. That is why the hex of `hello` is nowhere to be seen, except over polling, where it stands
# in the clear below its headers.


# %%
def first_say(trace):
    """The annotated lines of the first message that carries a `say`."""
    shown = "\n".join(annotate(trace, lines_each=12)).split("\n\n")
    return next(block for block in shown if "→" in block and "say #" in block)


for wire in WIRES:
    print(wire, first_say(talks[wire]), sep="\n", end="\n\n")

# %% [markdown]
# A native frame is a header of 2 bytes, a mask of 4, and JSON. Socket.IO's says `42` (Engine.IO
# *message*, Socket.IO *event*), then the number of the acknowledgement it waits for, and the type
# and the fields as an array. The number and the type have only moved out of the JSON, where a
# native wire spells out their names each time. Look again at the payload of the two.
#
# ## When does it stop to matter?
#
# Headers don't grow with the text. So the longer the text, the less they count.


# %%
def overhead(wire, size):
    """Bytes of a `say` and its reply beside the text itself."""
    cost = ledger(sized[wire][size]).entries[0].message
    return cost.up.total + cost.down.total - size


beside = {wire: [overhead(wire, size) for size in SIZES] for wire in WIRES}
chart = Chart(
    x="text of one message, in bytes",
    y="all other bytes per byte of text",
    series={
        wire: (SIZES, [other / size for other, size in zip(beside[wire], SIZES, strict=True)])
        for wire in WIRES
    },
    log="xy",
)
even = {
    wire: next((s for s, o in zip(SIZES, beside[wire], strict=True) if o < s), None)
    for wire in WIRES
}
title = (
    f"Most of a message is text from {even['websocket']} B on; over polling, from {even[most]} B"
)
notebook.charts([chart], title, "a say and its reply, through the relay; logarithmic scales")

# %% [markdown]
# ## An idle minute
#
# A chat is silent most of the time. Then a wire costs its heartbeats: a ping and a pong to find out
# whether the other side is still there. Native WebSocket has control frames for it; Engine.IO sends
# packets `2` and `3`; polling needs a POST for each pong and a new GET after each ping.

# %%
idle = {wire: entry.heartbeat.per_minute for wire, entry in entries.items() if entry.heartbeat}
notebook.table(
    ["wire", "up", "down", "10 000 idle connections"],
    [
        [
            f"`{wire}`",
            f"{cost.up.total:.0f} B",
            f"{cost.down.total:.0f} B",
            f"{(cost.up.total + cost.down.total) * 10_000 * 8 / 60 / 1e3:,.1f} kbit/s",
        ]
        for wire, cost in idle.items()
    ],
)

# %% [markdown]
# ## The answer

# %%
extra = total["socketio-websocket"] - total["websocket"]
shares = {wire: message[wire]["http"] / total[wire] for wire in WIRES}
costs = ", ".join(f"**{total[wire]:.0f} B** on `{wire}`" for wire in WIRES)
Prose(
    f'One "hello" with its reply takes {costs}. Over polling {shares["socketio-polling"]:.0%} of '
    "that is HTTP headers; on the two WebSockets there are none after the handshake. With all its "
    f"packets Socket.IO's message is {abs(extra):.0f} B {'longer' if extra > 0 else 'shorter'} "
    "than the native one: what a format costs is up to whoever writes the JSON; what HTTP costs is "
    "not. A browser sends longer headers than this Python client, so its polling costs more still."
)

# %% [markdown]
# ## Try this
#
# - Put a text of quotes (`'"' * 50`) or of emoji into `GREETINGS`. Who pays for the escaping?
# - Give `served` the argument `"--settings", "stock"`, and `converse` the matching
#   `ConnectOptions(settings="stock")`. Which wire compresses, and does "hello" get any smaller?
# - Send twenty messages at once over polling, and look at the ledger's `batching`.
# - `lab trace socketio-polling` shows a whole conversation this way.
#
# How bytes are counted is in [docs/method.md](../docs/method.md), the chat's JSON in
# [docs/room.md](../docs/room.md). Next: [03_latency_and_load](03_latency_and_load.ipynb).
