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
# One member speaks and every member receives it: in a room of a hundred, one message is a hundred
# *deliveries*. The server encodes the message once and writes it to a hundred connections. A chat
# server spends most of its CPU there, and CPU is what you pay for.
#
# ## Your guess first
#
# From a room of 3 to a room of 100, does a **delivery** cost `"more"`, `"less"` or the `"same"`?
# How many times as much as over a native WebSocket does it cost over polling, with one message in
# flight and with sixteen? How much memory does the server hold for one idle connection? Write your
# guesses in place of the `...`.

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import fan_out

TRANSPORTS = ["websocket", "websocket-aiohttp", "socketio-websocket", "socketio-polling"]
ROOMS = [3, 10, 30, 100]
DELIVERIES = 2000
IDLE = 100
my_room = guess({"a delivery in the large room": ...})
my_polling = guess({"polling, one in flight": ..., "polling, 16 in flight": ...}, unit="×")
my_memory = guess({"websocket": ..., "socketio-polling": ...}, unit="KiB")

# %% [markdown]
# ## Measure
#
# Each server has its own process and, on a machine with at least two cores, its own core. Its CPU
# time is read from the kernel before and after. The *window* is the number of messages in flight,
# and a message leaves it when its last delivery has arrived. A window of 1 is a quiet room in
# which people take turns. A window of 16 is a busy room. If one delivery is missing, the
# measurement is void.

# %%
measured = await fan_out.measure(TRANSPORTS, ROOMS, DELIVERIES, IDLE)
measured.picture()

# %% [markdown]
# In a small room, most of a message's cost is not its deliveries. The server has to receive,
# decode, order, log, encode and answer the message. In a larger room more deliveries share that
# cost. On the right, the curves approach the cost of a delivery alone: one write to one
# connection.
#
# ## What a window does
#
# These are the same deliveries, once with one message in flight and once with sixteen.

# %%
measured.saved()

# %% [markdown]
# When a polling client asks, all waiting messages go into one HTTP response. They share one set of
# headers and one pass through the HTTP stack. A benchmark with many messages in flight shows
# polling at its best, a benchmark with a single one at its worst. Ask which of the two is like
# your application.
#
# ## The price of silence
#
# Most connections of a chat are idle most of the time. Each one holds memory in the server: a
# socket, buffers, tasks, a session.

# %%
measured.memory()

# %% [markdown]
# This is the resident memory of one process. It grows in pages and differs a little from run to
# run, and it does not include the kernel's own socket buffers. A hundred connections show only
# the order of magnitude.
#
# ## The answer

# %%
my_room.beside({"a delivery in the large room": measured.in_words()})

# %%
my_polling.beside(
    {"polling, one in flight": measured.times(1), "polling, 16 in flight": measured.times(16)}
)

# %%
my_memory.beside(measured.memory_kib)

# %%
measured.answer()

# %% [markdown]
# ## Exercises
#
# **1.** In the largest room, each of the members says one message a minute, one at a time, over
# `socketio-polling`. That is about 167 deliveries a second. What percentage of a core does the
# server need?

# %%
answer = ...
check(answer, measured.core_percent("socketio-polling", per_s=167))

# %% [markdown]
# <details><summary>Solution</summary>
#
# `measured.cpu_us["socketio-polling", 1, ROOMS[-1]]` has the µs of a delivery. Times 167 is the CPU
# time of one second, in µs; divided by 10 000 it is a percentage.
#
# </details>
#
# **2.** How many MiB of server memory do 10 000 idle connections over `socketio-websocket` hold?

# %%
answer = ...
check(answer, measured.memory_mib("socketio-websocket", 10_000))

# %% [markdown]
# <details><summary>Solution</summary>
#
# `measured.memory_kib["socketio-websocket"] * 10_000 / 1024`
#
# </details>
#
# ## Try this
#
# - Set `DELIVERIES` to 300. How noisy are the curves, and what would you have concluded?
# - Add `"socketio"` to `TRANSPORTS`. After its upgrade it sends the same frames as
#   `socketio-websocket`: does it cost the same?
# - `make bench` measures this with more care: several passes in shuffled order, and verdicts.
#
# [docs/method.md](../docs/method.md) says how cost is measured, and
# [docs/room.md](../docs/room.md) what a room promises its members. Next:
# [05_the_fallbacks](05_the_fallbacks.ipynb).
#
# **So choose** by the cost of a delivery where your rooms are large, and by the memory of an idle
# connection where most people only read.
