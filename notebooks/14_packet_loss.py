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
# # One packet is lost. Who waits, and how long?
#
# A phone between two antennas loses packets. TCP and QUIC send a lost packet again, so a chat loses
# nothing. But the message waits for the repair. Here you lose exactly one packet of a message, and
# see how long its reply takes.
#
# ## Your guess first
#
# The round trip takes 20 ms. How long does a message over `websocket` take if the packet with the
# text is lost? How long, if the packet with the reply is lost? And how long do the slowest messages
# take (p99) where 5 % of all packets are lost? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess, recorded
from lab.notebook.lessons import lost_packet
from lab.notebook.lessons.lost_packet import REPLY, UP

my_wait = guess({UP: ..., REPLY: ...}, unit="ms")
my_tail = guess({"websocket": ..., "sse": ..., "webtransport": ...}, unit="ms")

# %% [markdown]
# ## Lose one packet
#
# A link of the lab carries the packets between two network namespaces, and can lose the one that
# you choose. For this it needs Linux and the right to make namespaces. Each time two texts are
# said, one after the other, and one packet of the first is lost. The times are medians.

# %%
TRIALS = 5

losses = await lost_packet.lose(["websocket", "sse", "webtransport"], TRIALS)
losses.shown()

# %% [markdown]
# - **A lost text waits for a timer.** Nothing is behind it that could tell the sender of the gap.
#   So TCP waits until its retransmission time-out ends (RFC 6298): the round trip and at least
#   200 ms in Linux. Each further loss of the same packet doubles the time-out.
# - **A lost reply is repaired sooner on `websocket`.** The room's own message comes right behind
#   it. The client acknowledges that one, and so the server learns of the gap (RACK, RFC 8985) about
#   one round trip later.
# - **On `sse` the reply waits for the timer too.** The reply and the message are in one packet of
#   the stream: nothing is behind it.
# - **On `sse` a third packet counts.** The client sends one POST at a time, so that the texts keep
#   their order. If the answer to a POST is lost, this message has arrived, but the *next* text
#   waits for the timer.
# - **QUIC's timer is shorter.** Its probe time-out has no minimum of 200 ms (RFC 9002, section
#   6.2). It is a few round trips long.
#
# ## When packets are lost by chance
#
# These figures come from a run of the lab: each share of packets is lost in each direction.

# %%
TRANSPORTS = ["websocket", "sse", "http-stream", "webtransport"]

run = recorded("loss")
lost_packet.tails(run, TRANSPORTS)

# %% [markdown]
# Most messages lose nothing, so their median stays at 20 ms. The tail is the timer. On `websocket`
# one packet of a message waits for a timer if it is lost: the text. On `sse` and `http-stream`
# there are three such packets. So at 1 % loss the slowest of 40 messages has often met the timer
# there, and less often on `websocket`. At 5 % it has often met two timers there.
#
# ## The other room
#
# Two rooms share one connection. The packet with a message of the first room is lost, and a message
# of the second room is right behind it. How long does the second one take?

# %%
lost_packet.rooms(run, TRANSPORTS)

# %% [markdown]
# - **On the same connection the second room waits too.** TCP hands over nothing that is behind a
#   gap (RFC 9293, section 3.4). This is **head-of-line blocking**.
# - **QUIC alone does not help.** `webtransport` has one stream for all rooms here, and a stream has
#   an order as well. With a stream for each room the second one does not wait:
#   `lab claims one-lost-packet` shows it.
#
# ## The answer

# %%
my_wait.beside({lost: losses.this_ms("websocket", lost) for lost in my_wait.entries})

# %%
my_tail.beside({name: run.median("loss_5_p99_ms", name) for name in my_tail.entries})

# %% [markdown]
# ## Exercises
#
# **1.** On `sse`, how many packets of one message make somebody wait for a timer, each if it is
# lost alone?

# %%
answer = ...
check(answer, lost_packet.TIMERS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 3: the text, the reply on the stream, and the answer to the POST, for which the next text waits.
#
# </details>
#
# **2.** Two rooms have a connection each. A packet of one is lost. Does the other room wait: yes or
# no?

# %%
answer = ...
check(answer, lost_packet.BEHIND)

# %% [markdown]
# <details><summary>Solution</summary>
#
# No. Each TCP connection has an order of its own.
#
# </details>
#
# ## Try this
#
# - `lab link --network wifi-lossy -- bash` opens a shell on the client's side of a lossy link.
# - `lab bench --loss 0.05 --delay 20ms` measures the transports across such a link.
# - `lab claims address-change`: a phone changes its address, and a WebSocket and a QUIC connection
#   meet it.
#
# [docs/link.md](../docs/link.md) has all figures, and [docs/method.md](../docs/method.md) says how
# the lab measures. Next: [15_many_nodes](15_many_nodes.ipynb).
#
# **So choose** a transport that sends a text over the connection that it has: where packets are
# lost, each further packet for which somebody waits is one more that can be lost.
