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
# # WebSocket or Socket.IO: what does the same chat room cost?
#
# Several transports carry one chat room. Its meaning is fixed once and tested to be identical on
# all of them ([what a room means](../docs/room.md)). So every difference comes from the
# transport. This lesson reads one run of the benchmark suite: your newest one, if you have made
# one with `make bench`, or else the reference run that comes with the lab.
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/join`. Talk with yourself over two transports, in one room.
#
# ## Your guess first
#
# How many times as much as a plain WebSocket (`websocket`) does Socket.IO take? Write numbers in
# place of the `...`. A guess that you leave out is not counted.

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import compare

my_guess = guess(
    {
        "to connect, socketio": ...,
        "one message, socketio-websocket": ...,
        "CPU of a delivery, socketio-websocket": ...,
    },
    unit="×",
)

# %% [markdown]
# ## The run

# %%
reading = compare.newest()
reading.about()

# %% [markdown]
# ## 1. The handshake
#
# The first time is from the instant before TCP connect until the transport can carry a command.
# The second is until the room has answered `joined`.

# %%
reading.getting_in()

# %%
reading.says("connect_p50_ms")

# %% [markdown]
# **What it means.** A native WebSocket needs one HTTP request. Socket.IO opens a session and
# connects a namespace before it can send the first command. Its polling transport and its default
# transport start with plain HTTP requests, one after the other.
#
# Everything here runs on one machine, where a round trip is nearly free. So these figures show the
# *work* of getting in. On a network each round trip adds its full length, and then the number of
# round trips decides. [01_handshake](01_handshake.ipynb) counts them.
#
# ## 2. The latency of one message
#
# One message is in flight: `say`, and the time until `said`. A mean would hide rare slow
# messages, so the picture shows the whole distribution. Read it from left to right. Half of all
# round trips took at most the value of the curve at 50 %. One in a hundred took longer than the
# value at 99 %.

# %%
reading.latency()

# %%
reading.says("rtt_p50_us")

# %%
reading.says("rtt_p99_us")

# %% [markdown]
# **What it means.** `loopback` has no socket. Its time is the time of the room and the harness,
# and every other curve includes it. A polling client needs HTTP requests in both directions: one
# to send, and one to receive. But this is a *closed loop*: while a server stalls, it sends nothing.
# [03_latency](03_latency.ipynb) shows what that hides.
#
# ## 3. The throughput of a room
#
# Sixteen messages are in flight, from one member to all. Every delivery is counted, and a
# benchmark that lost one is void. At the hatched bars the client ran out of CPU. They do not show
# the limit of the server, so no ratio uses them.

# %%
reading.throughput()

# %%
reading.says("deliveries_per_s_100")

# %% [markdown]
# One figure is valid whichever side was the limit: the CPU time that the server spends on one
# delivery.

# %%
reading.says("server_cpu_us_per_delivery_100")

# %% [markdown]
# **What it means.** Server CPU per delivery is what you pay for. With several messages in flight,
# polling puts them into one HTTP response, and they share its cost. So polling looks cheaper here
# than it is in a room where members speak one at a time.
# [04_fan_out_and_cost](04_fan_out_and_cost.ipynb) measures the two cases separately.
#
# This is one machine, with one core for each side and Python libraries on both. So the ratios are
# python-socketio's. As a protocol Socket.IO costs a server little more than WebSocket, and so it
# does in Node: `lab report` shows the protocol, Node and Python side by side.

# %%
reading.noise()

# %% [markdown]
# ## The answer
#
# Your guess, beside what this run has measured. A dash stands where the run has no verdict.

# %%
my_guess.beside(
    {
        "to connect, socketio": reading.ratio("connect_p50_ms", "socketio"),
        "one message, socketio-websocket": reading.ratio("rtt_p50_us", "socketio-websocket"),
        "CPU of a delivery, socketio-websocket": reading.ratio(
            "server_cpu_us_per_delivery_100", "socketio-websocket"
        ),
    }
)

# %% [markdown]
# ## Exercises
#
# **1.** `websocket-aiohttp` and `socketio-websocket` share one HTTP stack. By how many µs do
# Socket.IO's packets and its library lengthen a round trip at the median? `reading.median(figure,
# transport)` has the medians; the figure is `"rtt_p50_us"`.

# %%
answer = ...
check(answer, reading.packets_us())

# %% [markdown]
# <details><summary>Solution</summary>
#
# `reading.median("rtt_p50_us", "socketio-websocket") - reading.median("rtt_p50_us",
# "websocket-aiohttp")`
#
# </details>
#
# **2.** A closed loop meets a server that stalls for one second. How many messages does it send in
# that second: `"a"` as many as before, `"b"` none, or `"c"` twice as many?

# %%
answer = ...
check(answer, compare.CLOSED_LOOP)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"b"`: it waits for the reply to its last message. [03_latency](03_latency.ipynb) measures what
# follows from that.
#
# </details>
#
# ## Try this
#
# - See it happen in [the page](../docs/page.md): `make chat`, then open
#   `http://127.0.0.1:8000/#/tour/race`. The transports run against each other, from your browser.
# - `make bench`, then run this notebook again: it takes your machine's newest run.
# - `lab bench --settings stock`: each library as it is installed. Which of the three answers
#   changes?
# - `lab compare RUN RUN`: two runs of one machine, and which of their differences are real.
#
# [docs/method.md](../docs/method.md) says how each number is made. Next:
# [01_handshake](01_handshake.ipynb).
#
# **So choose** a plain WebSocket where each delivery has to be cheap on a Python server, and
# Socket.IO where its rooms, acknowledgements and fallbacks save you more work than they cost.
