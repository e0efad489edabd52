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
# # What changes when a chat has two servers?
#
# One server is full, so you start a second one. Then a client can't connect, a text does not
# arrive, and the recovery of missed messages fails. Here you meet each of these on real servers. A
# **node** is one server process of several. What joins the nodes is the **backplane**, here Redis.
#
# ## Your guess first
#
# The first request of a session reaches one server, and the second request the other. Which HTTP
# status does the other server answer to polling? Which one does a WebSocket get there? And a node
# reads messages from the backplane: how many of them are **wasted**, because no member at this node
# is to get them, in %, on two, four and a hundred nodes? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess, recorded
from lab.notebook.lessons import backplane, joined, many_nodes, two_servers
from lab.notebook.lessons.two_servers import TURN, WEBSOCKET

my_status = guess({TURN: ..., WEBSOCKET: ...})
my_waste = guess({"2 nodes": ..., "4 nodes": ..., "100 nodes, by the model": ...}, unit="%")

# %% [markdown]
# ## A session meets the other server
#
# Many proxies give each request to the next server: in turn. Then the second request of a session
# reaches another server. If all go to the server that took the first one, that is called
# **sticky**. Here are both, with two servers of Socket.IO.

# %%
sessions = await two_servers.talk(["socketio", "node-socketio"])
sessions.shown()

# %% [markdown]
# - **A session by polling is many requests.** The first answer has its id, the `sid`. Only the
#   server that made it knows it. The other one answers 400: this is the "Session ID unknown" of
#   Node's server, and the "Invalid session" of Python's.
# - **A WebSocket is one request.** Its packets go over that connection, so they can't reach another
#   server.
#
# Socket.IO begins with polling unless you say otherwise. So by default it needs a proxy that is
# sticky, by a cookie or by the client's address.
#
# ## Who reads what
#
# Sticky sessions join nothing: what is said at one server stays there. A backplane carries it to
# the others. `AsyncRedisManager` of python-socketio uses one channel of Redis for all rooms. The
# lab's journal has a stream for each room. With every node come four rooms of three, whose members
# connect at random, and one member of each room says ten messages.

# %%
NODES = [1, 2, 4]

reads = await backplane.count(NODES)
reads.picture()

# %%
reads.counted()

# %% [markdown]
# - **With one channel each node reads everything**: the messages of rooms without a member there,
#   and its own, which it has given to its members already. Four nodes read four times as much, each
#   of them.
# - **With a stream for each room a node reads the rooms of its members, and nothing else.** It
#   needs its own messages too: it carries out a command when the stream brings it back. It also
#   reads more on four nodes than on one, because the members of a room are spread. But a room of
#   three is on three nodes at most.
#
# ## One of two nodes is killed
#
# The streams do more than carry messages. Every node carries out the same commands in the same
# order, so all of them have the same room. Two members speak at two nodes. Then the second node is
# killed, as by `kill -9`, and its member comes back at the first one. This takes ten seconds.

# %%
TEXTS = 3

shared = await joined.kill_a_node(TEXTS)
shared.shown()

# %% [markdown]
# - **A number (`seq`) means the same event at both nodes.** So bob sends the other node the last
#   number that he has, as `after`, and gets what he missed, his own departure too.
# - **A killed node can't say that its members are gone.** It has a lease of ten seconds, which it
#   prolongs all the time. When the lease is over, another node lets its members depart as `lost`,
#   once.
# - **The keys are shared too.** bob says his last text again, because he can't know whether it was
#   kept. It is the same text with the same number.
#
# The libraries have none of this. Each node numbers what its own members say, and who comes back
# has missed what was said. [docs/scaling.md](../docs/scaling.md) has the list.
#
# ## At 1, 10 and 100 nodes
#
# The lab has measured what a node pays for a message of its own, and for one of another node. A
# model adds these costs up for 1,000 rooms of 10. The picture shows how many messages the nodes
# carry, as a multiple of what one node carries. The table has messages a second, with one core a
# node.

# %%
capacity = many_nodes.capacity()
capacity.picture()

# %%
capacity.shown()

# %% [markdown]
# - **1 node**: no backplane. It costs CPU time and gives nothing.
# - **10 nodes**: with each of these libraries they carry more than one node does, but far from ten
#   times as much. Choose by what a library lacks.
# - **100 nodes**: nine of ten reads are wasted. Give groups of rooms a backplane of their own, or
#   take one whose nodes read only the rooms of their members. That is the dotted curve. It is steep
#   only where a room of 10 can't spread any further. So bring the members of a room to few nodes.
#
# ## What else comes with nodes
#
# Nodes stand behind a proxy, and it adds to each round trip. These figures come from a run of the
# lab. Polling pays more, because a message is several requests.

# %%
many_nodes.proxies(recorded("proxies"))

# %% [markdown]
# And when a node ends, all its clients come back at once: a **storm**. Here 200 clients wait before
# each attempt, always the same time or a random one. At 100 % of a core the server has no time for
# anybody else.

# %%
many_nodes.storm(recorded("storm"))

# %% [markdown]
# ## The answer

# %%
my_status.beside({way: sessions.status(way) for way in my_status.entries})

# %%
counted = {f"{nodes} nodes": reads.percent(backplane.LIBRARY, nodes) for nodes in (2, 4)}
my_waste.beside({**counted, "100 nodes, by the model": capacity.percent(100)})

# %%
shared.answer()

# %% [markdown]
# ## Exercises
#
# **1.** Ten nodes are joined by one channel for all rooms. A room has three members at three
# different nodes, and one of them speaks. For how many nodes is the read wasted?

# %%
answer = ...
check(answer, backplane.WASTED)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 8. All ten read it, and two of them have a member who gets it from there. The speaker's node has
# given it to its member already.
#
# </details>
#
# **2.** The same room is in the lab's journal. How many of the ten nodes read the message?

# %%
answer = ...
check(answer, backplane.READERS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 3: those that have a member in the room.
#
# </details>
#
# **3.** All clients use WebSocket only. Does the proxy have to be sticky: yes or no?

# %%
answer = ...
check(answer, two_servers.STICKINESS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# No. A WebSocket begins with one request, and the server that answers it has the whole session.
#
# </details>
#
# ## Try this
#
# - `lab cluster --nodes 3 --transport socketio --proxy nginx` starts nodes, Redis and a proxy, and
#   shows what each node reads.
# - `lab claims sticky-sessions` counts the clients that fail behind a proxy, and
#   `lab claims redis-adapter-linear` what the adapters of Socket.IO read.
# - `lab faults --transport websocket --nodes 3` kills and stops nodes at random, and looks for a
#   text that is gone or doubled.
#
# [docs/scaling.md](../docs/scaling.md) says what is promised, [docs/proxies.md](../docs/proxies.md)
# has the proxies' configurations, and [docs/method.md](../docs/method.md) says how the lab
# measures. Back to the start: [00_compare](00_compare.ipynb).
#
# **So choose** one node as long as it is enough. After that, WebSocket needs no sticky proxy, and a
# backplane whose nodes read only their members' rooms is the one that grows.
