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
# # Everybody deploys over TLS: what does it add?
#
# The other lessons measure without TLS, because it hides the bytes. Here the lab is in front of
# TLS and has the keys: it counts every record, opens it, and shows what is inside.
#
# ## Your guess first
#
# How many round trips pass until a client is connected over TLS 1.3? Without TLS they are 2 on
# `websocket` and 3 on `socketio-websocket`. And how many bytes does TLS add to a `say` with its
# reply? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess, recorded
from lab.notebook.lessons import over_tls

TRANSPORTS = ["websocket", "socketio-websocket", "socketio-polling"]

my_round_trips = guess(dict.fromkeys(TRANSPORTS, ...))
my_bytes = guess({"a say with its reply": ...}, unit="B")

# %% [markdown]
# ## One conversation without TLS, and one with it

# %%
talks = await over_tls.measure(TRANSPORTS)
talks.picture()

# %%
talks.counted()

# %% [markdown]
# - **Each TCP connection takes one round trip more.** The client's first flight brings its half of
#   a key, and the server's answer brings the other half, the certificate and a signature. Then
#   the client can send. Polling opens more than one connection, so it waits more than once.
# - **Most bytes of the handshake are TLS**, and most of these are the certificate. The lab's is a
#   small one: a real certificate with its chain has 2 to 4 KB.
# - **A message hardly grows.** Each record adds the same few bytes, whatever is in it.
#
# ## Record by record

# %%
print(talks.handshake("websocket"))

# %% [markdown]
# The names of the later messages are encrypted on the wire. You see them because the client has
# written down its secrets, which browsers also do (`SSLKEYLOGFILE`).
#
# ## What the server pays
#
# Time is not measured in a notebook that does other things too. These figures come from a run of
# the lab: five passes, with TLS and without it side by side.

# %%
run = recorded("tls")
over_tls.costs(run, "websocket")

# %% [markdown]
# asyncio gives each TLS connection a buffer of 256 KiB, whatever arrives. So in Python the memory
# of idle connections is the largest difference. Node has no such buffer:

# %%
over_tls.costs(run, "node-websocket")

# %% [markdown]
# ## The answer

# %%
my_round_trips.beside({name: talks.round_trips(name) for name in my_round_trips.entries})

# %%
added = talks.message_bytes("websocket") - talks.message_bytes("websocket", over_tls.WITHOUT)
my_bytes.beside({"a say with its reply": added})

# %%
talks.answer()

# %% [markdown]
# ## Exercises
#
# **1.** How many bytes does one record add to what it carries?

# %%
answer = ...
check(answer, over_tls.RECORD_BYTES)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 22. A `say` and its reply are two records, so TLS adds 44 bytes to them.
#
# </details>
#
# **2.** The network's RTT is 80 ms. How many ms longer does `websocket` take to connect over TLS?

# %%
answer = ...
check(answer, over_tls.FARTHER)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 80: one round trip more. Far away, the time that the machine takes for TLS hardly counts.
#
# </details>
#
# ## Try this
#
# - `lab claims tls-doubles --details` shows where the saying "TLS doubles the handshake" comes
#   from.
# - `lab chat --tls` shows the same in a page: the drawing has a row for TLS.
# - `lab bench --tls --transports websocket` makes such a run on your machine, with resumed sessions
#   too.
#
# [docs/tls.md](../docs/tls.md) has all figures, and [docs/method.md](../docs/method.md) says how
# they are measured. Next: [11_compression](11_compression.ipynb).
#
# **So choose** by connections, not by messages: over TLS it pays to open few and to keep them.
