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
# # Compression saves bytes. What does it cost?
#
# Published figures contradict each other: "169 bytes instead of 277", and "without it a large
# message takes 0.9 ms instead of 11". Both can be true. Here you see on what it depends.
#
# ## Your guess first
#
# A chat message of 200 characters is delivered over `websocket`. How many bytes are left if zlib
# keeps its context from message to message, and how many if each message is compressed alone? And
# for a message of 64 KiB: how many times the CPU of the server does a delivery take? Write numbers
# in place of the `...`.

# %%
from lab.notebook import check, guess, recorded
from lab.notebook.lessons import compressed
from lab.notebook.lessons.compressed import ALONE, KEPT, OFF

my_bytes = guess({"context kept": ..., "each alone": ...}, unit="B")
my_cpu = guess({"64 KiB of chat": ...}, unit="×")

# %% [markdown]
# ## The same conversation three times

# %%
MESSAGES = 40

talks = await compressed.measure([OFF, KEPT, ALONE], MESSAGES)
talks.picture()

# %% [markdown]
# A compressor replaces what it has seen before. A short message alone has little that repeats. With
# the context of all earlier messages nearly everything but the words repeats, and even words come
# again. Look at the replies to the first four messages:

# %%
print(talks.replies(KEPT))

# %%
print(talks.replies(ALONE))

# %% [markdown]
# With its context the second reply is less than half as long as the first. Alone, each has the same
# length. RFC 7692 calls the kept context *context takeover*, and each side may refuse it.
#
# ## What the server pays
#
# Time is not measured in a notebook that does other things too. These figures come from a run of
# the lab: five passes, all compressions side by side. `stock` is what the library does if nobody
# sets anything.

# %%
run = recorded("compression")
compressed.costs(run)

# %% [markdown]
# - **For messages of 64 B the cost is small**: so small that the run can't tell it from none.
# - **Large messages are expensive.** Each member has a context of its own, so the server compresses
#   every member's copy. Meanwhile the message waits.
# - **The context takes memory**, as long as the connection lives:

# %%
compressed.memory(run)

# %% [markdown]
# ## The answer

# %%
my_bytes.beside({"context kept": talks.delivery(KEPT), "each alone": talks.delivery(ALONE)})

# %%
my_cpu.beside({"64 KiB of chat": compressed.cpu_times(run, 65536)})

# %%
talks.answer()

# %% [markdown]
# ## Exercises
#
# **1.** A room has 100 members, and all their connections compress with `15:6`. How many times does
# the server compress one message?

# %%
answer = ...
check(answer, compressed.COPIES)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 100: each member's copy is compressed with the context of that member's connection.
#
# </details>
#
# **2.** 10,000 connections are idle. How many MiB more memory do they take with `15:6`?

# %%
answer = ...
check(answer, compressed.more_memory(run))

# %% [markdown]
# <details><summary>Solution</summary>
#
# Subtract the memory of a connection without compression from that with `15:6`, multiply by 10,000,
# and divide by 1,024: about 1,000 MiB.
#
# </details>
#
# ## Try this
#
# - `lab weigh messages.jsonl` compresses the messages of your own application, by codec and by
#   transport.
# - `lab trace websocket --compression 15:6` shows every message with both of its sizes.
# - `lab bench --experiment compression --transports websocket` makes such a run on your machine.
#
# [docs/compression.md](../docs/compression.md) has all figures, and
# [docs/method.md](../docs/method.md) says how they are measured. Next:
# [12_durable](12_durable.ipynb).
#
# **So choose** by the size of your messages and by the price of a byte: compress many short ones
# with a kept context, and leave large ones alone where CPU is scarce.
