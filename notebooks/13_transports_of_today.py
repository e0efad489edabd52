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
# # Which transport of today changes something for a chat?
#
# "Use HTTP/2." "Stream the answer, as language models do." "WebTransport replaces WebSocket." Each
# of these changes one thing, and leaves the others as they were. Here you count the connections of
# the same chat on six transports, and read what a lost packet did on a link.
#
# ## Your guess first
#
# Four clients of one program chat. How many TCP connections do they open on each transport? And how
# long do the slowest messages take (p99), in ms, on a link with a round-trip time of 20 ms that
# loses 5 % of the packets? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess, recorded
from lab.notebook.lessons import today

my_connections = guess({"websocket": ..., "websocket-h2": ..., "http-stream": ..., "sse-h2": ...})
my_tail = guess({"websocket": ..., "webtransport": ...}, unit="ms")

# %% [markdown]
# ## One connection for all

# %%
CLIENTS = 4
TRANSPORTS = ["websocket", "sse", "http-stream", "websocket-h2", "sse-h2", "http-stream-h2"]

chats = await today.chat(TRANSPORTS, CLIENTS)
chats.picture()

# %% [markdown]
# - **A WebSocket over HTTP/1.1 takes a connection**, and sends and receives on it.
# - **Server-sent events (`sse`) and streamable HTTP (`http-stream`) hold one connection open** for
#   what comes down. What goes up is a POST, which needs another one: here the four take turns on
#   it. A browser opens six connections to one server at most, so a seventh tab waits.
# - **Over HTTP/2 all of them are streams of one connection.** RFC 8441 says how a WebSocket becomes
#   such a stream: the client asks by an extended CONNECT in place of `Upgrade`.
#
# Streamable HTTP is no new protocol: it is one response that does not end, with a line of JSON for
# each event. A page reads it by `fetch`, and may send any header, which an `EventSource` may not.
#
# ## A packet is lost
#
# One connection has a price: TCP hands over bytes in order, so a lost packet delays every stream
# behind it. QUIC has its own order for each stream, and repairs a loss sooner. WebTransport is
# what a page has of it. These figures come from a run of the lab on such a link, one message at a
# time.

# %%
run = recorded("loss")
today.loss(run, ["websocket", "sse", "http-stream", "webtransport"])

# %% [markdown]
# Most messages lose nothing, so the median is the same everywhere. The slowest ones differ: after a
# loss TCP may wait for a timer of at least 200 ms, and QUIC has no such minimum.
#
# That does not make WebTransport faster where nothing is lost. Its library here, aioquic, does in
# Python what the kernel does for TCP. `lab claims webtransport-faster` measures it.
#
# ## The answer

# %%
my_connections.beside({name: chats.opened.get(name) for name in my_connections.entries})

# %%
my_tail.beside({name: today.tail(run, name, 5) for name in my_tail.entries})

# %%
chats.answer()

# %% [markdown]
# ## Exercises
#
# **1.** A page holds one `EventSource`, over HTTP/1.1. A user opens it in eight tabs. In how many
# of them is the stream open?

# %%
answer = ...
check(answer, today.OPEN_TABS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 6. The other two tabs wait without an error until one is closed. `lab claims six-connections`
# shows it in Chromium.
#
# </details>
#
# **2.** A WebSocket over TLS 1.3 waits three round trips until it can send: TCP, TLS, HTTP. How
# many does WebTransport wait on a new connection?

# %%
answer = ...
check(answer, today.ROUND_TRIPS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 2: QUIC with TLS in it, and then the request that opens the session.
#
# </details>
#
# ## Try this
#
# - `lab trace websocket-h2` shows the frames of HTTP/2, and in them those of the WebSocket.
# - `lab chat --tls`: choose `webtransport` or `http-stream-h2` in the page.
# - `lab claims one-lost-packet --details` loses exactly one packet, on a link of its own.
#
# [docs/today.md](../docs/today.md), [docs/http2.md](../docs/http2.md) and
# [docs/webtransport.md](../docs/webtransport.md) describe the transports, and
# [docs/method.md](../docs/method.md) says how the lab measures. Next:
# [14_packet_loss](14_packet_loss.ipynb).
#
# **So choose** WebSocket, unless you need one of these: many streams in one browser (HTTP/2),
# requests with headers of your own (streamable HTTP), or a network that loses packets
# (WebTransport).
