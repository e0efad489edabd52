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
# # More and more people speak: how much can a transport take?
#
# [03_latency](03_latency.ipynb) has shown how to time a message. Now increase the rate. All four
# members of a room speak in turn. Each rate is offered for one second, and the next rate is twice
# as high. The search ends when p99 (until the *last* of the four has the message) passes 50 ms,
# when a message is lost, or when the client itself cannot keep up.
#
# ## Your guess first
#
# How many messages a second does each transport hold? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import knee

TRANSPORTS = ["websocket", "socketio-polling"]
CEILING = 51_200
my_guess = guess({"websocket": ..., "socketio-polling": ...}, unit="/s")

# %% [markdown]
# ## Measure
#
# Both are in steps of two, so a rate that was held means: it holds this much, and less than twice
# as much.

# %%
measured = await knee.measure(TRANSPORTS, CEILING)
measured.picture()

# %% [markdown]
# The shape is the same everywhere: nearly flat, then a **knee**, then a wall. Below the knee, a
# queue is empty again before the next message comes. Beyond it, the queue only grows. So the
# answer to "how fast is it?" is a *pair*: this latency, at this rate. Where the sentence says
# that the load was the limit, the transport can do more than this client can offer.
#
# ## The answer

# %%
my_guess.beside(measured.held())

# %%
measured.answer()

# %% [markdown]
# ## Exercises
#
# **1.** A room of four is offered 400 messages a second. How many deliveries a second is that?

# %%
answer = ...
check(answer, knee.DELIVERIES)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 1600: each message reaches all four, its speaker too.
#
# </details>
#
# **2.** A server can do 1 000 messages a second, and it is offered 1 100 for ten seconds. For how
# many seconds does the last message wait?

# %%
answer = ...
check(answer, knee.BACKLOG_S)

# %% [markdown]
# <details><summary>Solution</summary>
#
# One second: 100 messages a second are left over, so 1 000 wait after ten seconds, and the server
# does 1 000 a second. Ten per cent too much is enough for that.
#
# </details>
#
# ## Try this
#
# - `lab bench --experiment load` searches more finely, in several passes.
# - `lab load` finds the knee of your own server ([docs/load.md](../docs/load.md)).
#
# [docs/method.md](../docs/method.md) says how latency under load is measured, and
# [docs/room.md](../docs/room.md) what every member of the room sees. Next:
# [09_which_client](09_which_client.ipynb).
#
# **So choose** with a rate in mind: write down how many messages a second your busiest room has,
# and take a transport that holds several times as many.
