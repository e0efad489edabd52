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
# # A room grows from three people to a hundred: what does one delivery cost the server?
#
# One member speaks, everybody hears: in a room of a hundred a message is a hundred *deliveries*.
# The server encodes the message once and writes it to a hundred connections. That is where a chat
# server spends its CPU, and CPU is what you pay for.
#
# ## Your guess first
#
# Write it down:
#
# 1. From a room of 3 to a room of 100, does a **delivery** get dearer, cheaper, or neither?
# 2. By what factor does a delivery over polling cost more than one over a native WebSocket, with
#    one message in flight? And with sixteen?
# 3. How much memory does the server hold for one connection that says nothing?

# %%
import asyncio

from lab import notebook
from lab.load.closed_loop import ignore
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Fleet
from lab.load.texts import incompressible
from lab.measure.process import rss_bytes
from lab.notebook import Chart, Prose

WIRES = ["websocket", "websocket-aiohttp", "socketio-websocket", "socketio-polling"]
ROOMS = [3, 10, 30, 100]
WINDOWS = [1, 16]
DELIVERIES = 2000
IDLE = 100

# %% [markdown]
# ## Measure
#
# Each server has a process of its own and, where the machine has two, a core of its own; its CPU
# time is read from the kernel before and after. A message leaves the *window* when its last
# delivery has arrived: a window of 1 is a quiet room in which people take turns, one of 16 a busy
# room. Nothing counts if one delivery is missing.


# %%
async def cost_us(line, room_size, window):
    """Server CPU per delivery in µs."""
    room, audience = f"room of {room_size}, {window} in flight", Audience(room_size)
    texts = incompressible(64, 10 + DELIVERIES // room_size)
    async with Fleet(line.direct, room, audience.listeners()) as fleet:
        sender, meter = fleet.connections[0], line.meter()
        await fan_out(sender, room, audience, texts[:10], window)  # code is warm
        meter.start()
        batch = await fan_out(sender, room, audience, texts[10:], window)
        used = meter.stop()
    if batch.lost or batch.out_of_order:
        raise RuntimeError(f"void: {batch.lost} lost, {batch.out_of_order} out of order")
    return used.server_cpu_ns / batch.delivered / 1000


async def memory_kib(line):
    """What each idle connection adds to the server's resident memory, in KiB."""
    opened = [await line.direct(ignore) for _ in range(30)]  # buffers and pools are filled
    before = rss_bytes(line.server.pid)
    opened += [await line.direct(ignore) for _ in range(IDLE)]
    grown = rss_bytes(line.server.pid) - before
    await asyncio.gather(*(connection.close() for connection in opened))
    return grown / IDLE / 1024


costs, memory = {}, {}
for wire in WIRES:
    async with notebook.served(wire) as line:
        memory[wire] = await memory_kib(line)
        for window in WINDOWS:
            for size in ROOMS:
                costs[wire, window, size] = await cost_us(line, size, window)

# %% [markdown]
# ## CPU per delivery


# %%
def chart(window):
    series = {wire: (ROOMS, [costs[wire, window, size] for size in ROOMS]) for wire in WIRES}
    title = "one message in flight" if window == 1 else f"{window} messages in flight"
    return Chart("members of the room", "server CPU per delivery, in µs", series, title, log="xy")


def times(window, size):
    """How many times a native delivery one over polling costs."""
    return costs["socketio-polling", window, size] / costs["websocket", window, size]


title = (
    f"A delivery over polling: {times(1, ROOMS[-1]):.1f} times the CPU of a native one, "
    f"under a window {times(16, ROOMS[-1]):.1f} times"
)
notebook.charts(
    [chart(window) for window in WINDOWS],
    title,
    f"single measurements of about {DELIVERIES:,} deliveries, 64 B texts; logarithmic scales",
)

# %% [markdown]
# In a small room most of what a message costs is not its deliveries: it has to be received,
# decoded, ordered, logged, encoded and answered. A larger room shares that among more deliveries.
# What the curves approach on the right is the price of a delivery alone: one write to one
# connection.
#
# ## What a window does
#
# The same deliveries, once with one message in flight and once with sixteen.

# %%
size = ROOMS[1]
saved = {wire: costs[wire, 1, size] / costs[wire, 16, size] for wire in WIRES}
notebook.table(
    [f"room of {size}", "one in flight", "16 in flight", "cheaper by"],
    [
        [
            f"`{wire}`",
            *(f"{costs[wire, window, size]:.1f} µs" for window in WINDOWS),
            f"{saved[wire]:.1f}×",
        ]
        for wire in WIRES
    ],
)

# %%
Prose(
    f"In company a delivery gets {saved['socketio-polling']:.1f} times cheaper on "
    f"`socketio-polling` and {saved['websocket']:.1f} times on `websocket`. "
    "Whatever waits when a polling client asks goes into one HTTP response, and all of it shares "
    "one set of headers and one trip through the HTTP stack. A benchmark that "
    "keeps many messages in flight shows polling at its best, one that keeps a single one at its "
    "worst. Ask which of them your application is."
)

# %% [markdown]
# ## The price of silence
#
# Most connections of a chat are idle most of the time. Each holds memory in the server: a socket,
# buffers, tasks, a session.

# %%
notebook.table(
    ["wire", "server memory per idle connection"],
    [[f"`{wire}`", f"{memory[wire]:.0f} KiB"] for wire in WIRES],
)

# %% [markdown]
# This is resident memory of one process, which grows in pages and differs a little from run to run;
# the kernel's own socket buffers are not in it. A few hundred connections show the order of
# magnitude, no more.
#
# ## The answer

# %%
small, large = ROOMS[0], ROOMS[-1]
change = {wire: costs[wire, 1, large] / costs[wire, 1, small] for wire in WIRES}
Prose(
    f"From a room of {small} to one of {large}, with one message in flight, a delivery comes to "
    + ", ".join(f"**{change[wire]:.2f}** of its price on `{wire}`" for wire in WIRES)
    + f". Over polling it costs {times(1, large):.1f} times a native one with one in flight, "
    f"{times(16, large):.1f} times with sixteen. An idle connection holds "
    + ", ".join(f"{memory[wire]:.0f} KiB on `{wire}`" for wire in WIRES)
    + ". These are single measurements: a difference of a tenth means nothing here. For verdicts "
    "with intervals, see a run."
)

# %% [markdown]
# ## Try this
#
# - Make `DELIVERIES` 300. How much do the curves wobble, and what would you have concluded?
# - Add `"socketio"` to `WIRES`. After its upgrade it speaks the same frames as
#   `socketio-websocket`: does it cost the same?
# - Texts of 4096 bytes in `incompressible`: which wire's price per delivery grows most?
# - `make bench` measures this properly: several passes in shuffled order, and verdicts.
#
# How cost is measured is in [docs/method.md](../docs/method.md), what a room promises its members
# in [docs/room.md](../docs/room.md). Next: [05_the_fallbacks](05_the_fallbacks.ipynb).
