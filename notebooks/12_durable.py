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
# # The server was killed. What is left of the room?
#
# A chat server answers "said" as soon as a text has its place in the room. Then its process ends:
# a deploy, a full memory, `kill -9`. Here you kill two servers in the middle of a conversation: one
# that keeps its rooms in memory, and one that writes them to a file before it answers.
#
# ## Your guess first
#
# How many texts, of about 100 whose replies had come, are gone after the restart? And how much CPU
# does the journal take for one message, if 16 are in flight? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess, recorded
from lab.notebook.lessons import durable
from lab.notebook.lessons.durable import DURABLE, MEMORY

my_lost = guess({MEMORY: ..., DURABLE: ...})
my_cost = guess({"a message": ...}, unit="µs")

# %% [markdown]
# ## Kill two servers

# %%
TEXTS = 200

servers = await durable.kill([MEMORY, DURABLE], TEXTS)
servers.picture()

# %%
servers.counted()

# %% [markdown]
# - **In memory everything is gone**, also what had a reply. The room is a new one, and says so: its
#   `epoch` is another.
# - **With `--durable` nothing that had a reply is gone.** The client joins with `after` and the
#   `epoch` that it knows, and gets what it missed, as after any lost connection.
# - **What had no reply is said again.** The client does not know whether the server kept it. Each
#   text has a `key`, so a text that was kept is not posted twice.
#
# ## What it costs
#
# Time is not measured in a notebook that does other things too. These figures come from a run of
# the lab in a room of 100, with 16 messages in flight. `normal` survives the end of the process,
# `full` also the end of the machine.

# %%
run = recorded("durable")
durable.costs(run, "websocket-tuned")

# %% [markdown]
# All messages that one turn of the event loop brings share one commit. So the more messages are in
# flight, the less each pays.
#
# ## The answer

# %%
my_lost.beside({way: servers.killed[way].lost for way in my_lost.entries})

# %%
my_cost.beside({"a message": durable.added_us(run, "websocket-tuned", "normal")})

# %%
servers.answer()

# %% [markdown]
# ## Exercises
#
# **1.** Which field of `say` must a client send again unchanged, so that the text is not posted
# twice?

# %%
answer = ...
check(answer, durable.KEY)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `key`. The server remembers the keys of the room's texts, and the journal keeps them.
#
# </details>
#
# **2.** 16 messages arrive in one turn of the event loop, with `--sync full`. How many commits does
# the server wait for?

# %%
answer = ...
check(answer, durable.COMMITS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 1. The disk is synchronised once, and then all 16 get their replies.
#
# </details>
#
# ## Try this
#
# - `lab chat --durable rooms.db`: chat, kill the command, start it again, and read on.
# - `lab faults --transport websocket --durable` kills and cuts at random, and looks for a text that
#   is gone or doubled.
# - `lab bench --experiment durability --transports websocket-tuned` makes such a run on your
#   machine.
#
# [docs/durable.md](../docs/durable.md) says what is promised, and
# [docs/method.md](../docs/method.md) how the lab measures. Next:
# [13_transports_of_today](13_transports_of_today.ipynb).
#
# **So choose** a server that writes before it answers, if an answer is to mean anything: in a busy
# room it costs little.
