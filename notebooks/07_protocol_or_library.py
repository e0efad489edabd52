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
# # Socket.IO costs several times as much as WebSocket: is that the protocol, or the library?
#
# In [04_fan_out_and_cost](04_fan_out_and_cost.ipynb) a delivery over Socket.IO took the server
# several times the CPU of one over native WebSocket. Two explanations are told of such a figure.
# Socket.IO's *protocol* has more to say: packet types, event names, acknowledgements. Or its
# *library* does more: tasks, queues, callbacks. From the one figure nobody can tell which it is.
# But a protocol can be spoken without a library.
#
# ## Your guess first
#
# A room of a hundred, one member speaks. Write it down:
#
# 1. Of the gap between `python-socketio` over WebSocket and `websockets`, how many percent are the
#    protocol's?
# 2. And of the gap between `python-socketio` over long-polling and `websockets`?
# 3. The room itself has to decode what is said, to number it, to keep it and to encode it. What
#    share of a delivery's cost is that?

# %%
from contextlib import AsyncExitStack

from lab import notebook
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.load.chat_alone import ChatAlone
from lab.load.raw import RawRoom
from lab.load.texts import incompressible
from lab.measure.decomposition import Measured, gap, mean, take_apart
from lab.notebook import Picture, Prose
from lab.report import decomposition
from lab.service import ChatService
from transports import registry

WIRES = ["websocket", "socketio-websocket", "socketio-polling"]
MESSAGES = {1: 30, 16: 64}  # in flight: in each round
ROUNDS = 5
MEMBERS = 100

# %% [markdown]
# ## Yardsticks
#
# Each wire names two others by which its cost can be taken apart. One speaks the same protocol,
# byte for byte, without a library. The other one knows no protocol worth the name: it writes the
# texts to its sockets. Chat logic needs no socket at all, and is measured without one.

# %%
tuned = {name: registry.load(name).tuned for name in WIRES}
floor = {name: registry.load(tuned[name]).floor for name in WIRES}
notebook.table(
    ["wire", "the same without a library", "the floor"],
    [[f"`{name}`", f"`{tuned[name]}`", f"`{floor[name]}`"] for name in WIRES],
)

# %% [markdown]
# ## Measure
#
# Costs that are to be subtracted from each other have to be of the same moment. So all servers
# stand at once, each with a room of a hundred, and every round asks one after the other. The client
# is the raw one, which counts frames without reading them: a library's client would be busier than
# some of these servers.


# %%
async def rounds_of(wires):
    """(wire, messages in flight) -> the server's CPU for each delivery in ns, round by round."""
    found = {}
    async with AsyncExitStack() as stack:
        lines = {wire: await stack.enter_async_context(notebook.served(wire)) for wire in wires}
        rooms = {
            wire: stack.enter_context(RawRoom(line.wire, line.address, "hall", MEMBERS))
            for wire, line in lines.items()
        }
        for number in range(1 + ROUNDS):
            for window, count in MESSAGES.items():
                for wire, line in lines.items():
                    meter = line.meter()
                    meter.start()
                    batch = rooms[wire].fan_out(incompressible(64, count, number), window)
                    used = meter.stop()
                    if batch.lost or batch.out_of_order:
                        raise RuntimeError(f"void: {wire} lost {batch.lost}")
                    if number:  # the first round warms up
                        each = used.server_cpu_ns / batch.delivered
                        found.setdefault((wire, window), []).append(each)
    return found


def chat_logic():
    """Messages in flight -> what the room takes for each delivery in ns, round by round."""
    room = ChatAlone(ChatService(Rooms(UNPACED)), MEMBERS)
    return {
        window: [
            room.cpu_ns(incompressible(64, count, number)) / (count * MEMBERS)
            for number in range(1 + ROUNDS)
        ][1:]
        for window, count in MESSAGES.items()
    }


cost = await rounds_of(dict.fromkeys([*WIRES, *tuned.values(), *floor.values()]))
chat = chat_logic()

# %% [markdown]
# ## Subtract
#
# From the bottom up: the floor; the room; what the protocol takes beyond both, in the server
# without a library; and what is left, the library's. So the parts add up to the whole, always. A
# part may come out below zero: then its yardstick was dearer than what it should have been a part
# of, and all that can be said is that it is too small to see.


# %%
def parts(wire, window):
    """The wire's cost taken apart, round by round."""
    four = zip(
        cost[wire, window],
        cost[tuned[wire], window],
        cost[floor[wire], window],
        chat[window],
        strict=True,
    )
    return [take_apart(Measured(whole=w, tuned=t, floor=f, chat=c)) for w, t, f, c in four]


apart = {(wire, window): parts(wire, window) for wire in WIRES for window in MESSAGES}
panels = {
    "One message in flight" if window == 1 else f"{window} messages in flight": {
        wire: mean(apart[wire, window]) for wire in WIRES
    }
    for window in MESSAGES
}
whole = panels["One message in flight"]
Picture(
    decomposition.draw(
        panels,
        f"A delivery: {whole['websocket'].total / 1e3:.1f} µs on websocket, "
        f"{whole['socketio-websocket'].total / 1e3:.1f} µs on socketio-websocket",
        f"means of {ROUNDS} interleaved rounds in one process each; room of {MEMBERS}, 64 B texts",
    )
)

# %% [markdown]
# On the right sixteen messages are in flight, and what is called *library* there has another part:
# the servers without a library gather what they have for one member into one write, and the stock
# ones mostly don't. That is no protocol's doing either: the bytes are the same.
#
# ## Whose is the gap?

# %%
gaps = {wire: gap(apart[wire, 1], apart["websocket", 1]) for wire in WIRES[1:]}


def percent(share):
    low, high = 100 * share.lowest, 100 * share.highest
    return f"{100 * share.median:.1f} % (from {low:.1f} to {high:.1f})"


def dearer(wire):
    return f"{(whole[wire].total - whole['websocket'].total) / 1e3:.1f} µs"


notebook.table(
    ["against `websocket`", "dearer by", "protocol", "library"],
    [
        [
            f"`{wire}`",
            dearer(wire),
            percent(found.protocol),
            percent(found.library),
        ]
        for wire, found in gaps.items()
        if found
    ],
)

# %% [markdown]
# Over WebSocket, Socket.IO's protocol is a few bytes more in a text that is encoded once for the
# whole room: whoever speaks it by hand hardly notices. Over polling the protocol is dear by itself.
# Each delivery is a request and a response, with headers to read and to write, where a WebSocket
# takes one write. No library can spare a server that.
#
# ## The answer


# %%
def told(wire):
    if gaps[wire] is None:
        return f"Between `{wire}` and `websocket` this machine showed no gap to divide."
    protocol, library = (100 * share.median for share in (gaps[wire].protocol, gaps[wire].library))
    said = (
        f"Of the {dearer(wire)} by which a delivery on `{wire}` is dearer than on `websocket`, "
        f"**{library:.0f} %** are the library's and **{protocol:.0f} %** the protocol's"
    )
    return f"{said}: too little to see in these rounds." if protocol < 0 else f"{said}."


room = mean(apart["websocket", 1])
Prose(
    " ".join(told(wire) for wire in WIRES[1:])
    + f" The room itself takes {room.chat / 1e3:.2f} µs a delivery, "
    f"{100 * room.chat / room.total:.1f} % of what `websocket` takes: it works once a message, and "
    f"a message is {MEMBERS} deliveries. These are {ROUNDS} rounds in one process each: for "
    "intervals over passes, `lab bench --experiment cost`."
)

# %% [markdown]
# ## Try this
#
# - Make `MEMBERS` 3. Whose share grows most, and why?
# - Add `"websocket-aiohttp"` to `WIRES`. It speaks the same protocol as `websocket`: what is the
#   whole distance between the two, then?
# - Add `"node-websocket"`, where Node is installed. What does *library* mean there? (Its room is
#   written in another language, too.)
# - `lab bench --experiment harness` weighs the client that was used here against a library's.
#
# What each subtraction assumes, and where it misleads, is in [docs/method.md](../docs/method.md);
# how the yardsticks are built in [docs/tuned.md](../docs/tuned.md). Back to the whole:
# [00_compare](00_compare.ipynb).
