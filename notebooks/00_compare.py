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
# Several wires carry one chat room, whose meaning is fixed once and tested to be identical on all
# of them ([what a room means](../docs/room.md)). So what differs between them is the wire. This
# notebook reads a run of the benchmark suite: your newest one, if you have made one with
# `make bench`, else the reference that comes with the lab.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/join>: talk with yourself over two
# wires, in one room.
#
# Three answers follow: what it takes to get **in**, how long one message takes, and what a delivery
# costs when there are **many**. The sentences under the pictures are worked out from the run's
# verdicts, with 95 % intervals in brackets: where the statistics don't show a difference, neither
# does the text.

# %%
from lab import notebook, record
from lab.measure.stats import FEWEST_PASSES
from lab.notebook import Prose, verdicts
from lab.report import bars, plots, summary, tables
from lab.report.bars import Panel

run, skipped = record.find(None, notebook.run_folders())
found = summary.of(run)

# %%
cpu = run.environment.get("machine", {}).get("cpu", "an unnamed CPU")
python = run.environment.get("python", {}).get("version", "of an unnamed version")
Prose("\n\n".join([f"**{tables.heading(run)}**, on {cpu}, Python {python}", *skipped]))

# %% [markdown]
# ## 1. The handshake
#
# From the instant before TCP connect until the wire can carry a command, and until the room has
# said `joined`. A native WebSocket is there after one HTTP request. Socket.IO opens a session and
# connects a namespace before the first command can go; its polling and its default start with plain
# HTTP requests, one after the other.

# %%
PANELS = [
    Panel(
        "Connect", "ms", (("connect_p50_ms", ""),), "{wire} takes {ratio}× as long as {baseline}"
    ),
    Panel(
        "Time to join", "ms", (("join_p50_ms", ""),), "{wire} takes {ratio}× as long as {baseline}"
    ),
]
LINES = "their 95 % intervals" if found.passes >= FEWEST_PASSES else "lowest to highest"
NOTE = f"bars: medians over {found.passes} passes, lines: {LINES} · loopback network"
notebook.Picture(bars.draw(PANELS, found, run.wires, "What it takes to get in", NOTE))

# %%
AS_LONG = "takes {ratio} as long as {baseline}"
verdicts(found, "connect_p50_ms", "Until a command can be sent", AS_LONG)

# %% [markdown]
# **What it means.** Everything here runs on one machine, where a round trip is nearly free: this is
# the *work* of getting in. On a network each round trip costs its full length on top, and then
# their number decides. Count them in [01_handshake](01_handshake.ipynb).
#
# ## 2. The latency of one message
#
# One message in flight: `say`, and the time until `said`. A mean would hide what is rare, so the
# whole distribution is shown. Read it from left to right: half of all round trips took at most what
# the curve says at 50 %, one in a hundred took longer than at 99 %.

# %%
notebook.Picture(plots.percentiles(run))

# %%
verdicts(found, "rtt_p50_us", "At the median", AS_LONG)

# %%
verdicts(found, "rtt_p99_us", "At p99", AS_LONG)

# %% [markdown]
# **What it means.** `loopback` has no socket: what it takes is the room and the harness, and every
# other curve stands on it. Compare `websocket-aiohttp` with `socketio-websocket`: they share one
# HTTP stack, so what is between them is Socket.IO's packets and its library. A polling client needs
# HTTP requests both ways, one to speak and one to be answered. But this is a *closed loop*, which
# waits politely while a server stalls; [03_latency_and_load](03_latency_and_load.ipynb) shows what
# that hides.
#
# ## 3. The throughput of a room
#
# Sixteen messages in flight, from one member to everybody. Every delivery is counted, and a
# benchmark that lost one is void. The hatched bars ran out of client CPU: they are not the
# server's figure, and so take no part in any ratio.

# %%
notebook.Picture(plots.throughput(run))

# %%
AS_MANY = "delivers {ratio} as many as {baseline}"
verdicts(found, "deliveries_per_s_100", "In a room of 100", AS_MANY)

# %% [markdown]
# What holds whichever side was the limit is the CPU time that the server spends on one delivery:

# %%
AS_MUCH = "takes {ratio} as much server CPU as {baseline}"
verdicts(found, "server_cpu_us_per_delivery_100", "Per delivery in a room of 100", AS_MUCH)

# %% [markdown]
# **What it means.** Server CPU per delivery is what you pay for. Under a window, polling gathers
# several messages into one HTTP response and shares its cost among them: it looks cheaper than it
# is for a room in which people speak one at a time.
# [04_fan_out_and_cost](04_fan_out_and_cost.ipynb) takes the two apart.
#
# ## What to keep in mind
#
# One machine, one core for each side, Python's libraries on both. Nothing here says what Socket.IO
# costs in another language. And a run warns of its own noise:

# %%
Prose(
    "\n".join(f"- {line}" for line in [*found.voids, *found.warnings])
    or "This run has nothing to warn of."
)

# %% [markdown]
# ## Try this
#
# - See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/race>: the wires run against each
#   other, from your browser.
# - `make bench`, then run this notebook again: it takes your machine's newest run.
# - `lab bench --settings stock`: each library as it is installed. Which of the three answers moves?
# - `lab compare RUN RUN`: two runs of one machine, and which of their differences are real.
#
# How each number is made is in [docs/method.md](../docs/method.md). Next:
# [01_handshake](01_handshake.ipynb).
