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
# # The network stalls for half a second: what does your benchmark say of it?
#
# Nothing is lost; half a second later everything arrives. But every message of that half second
# had to wait. A load generator runs all the time and reports its p99: the time that 99 of 100
# messages stayed within.
#
# ## Your guess first
#
# The run takes three seconds, and the network carries nothing for half a second of them. A
# **closed loop** sends its next message after the reply to the last one. An **open loop** sends
# 200 messages a second in any case. What p99 does each of them report? And what share of the
# messages has to wait? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import stall

RUN_S, STALL_S = 3, 0.5
my_p99 = guess({"closed loop": ..., "open loop": ...}, unit="ms")
my_share = guess({"messages that wait": ...}, unit="%")

# %% [markdown]
# ## Measure: one stall, two loads
#
# The relay between client and server stops carrying bytes after one second, and continues half a
# second later.

# %%
measured = await stall.measure(RUN_S, STALL_S)
measured.picture()

# %%
measured.samples()

# %% [markdown]
# ## Coordinated omission
#
# The closed loop met the stall exactly **once**. It sent one message, waited half a second, and
# sent nothing else in that time. One slow sample among thousands of fast ones is far beyond p99.
# Client and server *coordinate*, and so *omit* exactly the samples that would show the stall (Gil
# Tene gave it this name). A faster server makes it worse: more fast samples hide the slow one.
#
# The open loop fixes the time of every send before the run begins. It times each message from the
# instant when it was **due**. A message that was due early in the stall waited for all of it, a
# later one for less of it. That is the ramp in its curve. The third curve is the same run as a
# closed loop would record it: it leaves out the messages that were due while it waited.
#
# A closed loop is not a mistake. It measures how long one message takes when nothing waits before
# it, and [00_compare](00_compare.ipynb) uses it for that. But it cannot say what people will
# feel.
#
# ## The answer

# %%
my_p99.beside({load: measured.p99_ms(load) for load in ("closed loop", "open loop")})

# %%
my_share.beside({"messages that wait": measured.waited()})

# %%
measured.answer()

# %% [markdown]
# ## Exercises
#
# **1.** The run takes 30 seconds instead of 3, with the same stall. What percentage of the open
# loop's messages are due during the stall?

# %%
answer = ...
check(answer, stall.LONG_RUN)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 0.5 s ÷ 30 s = 1.7 %. That is still more than 1 %, so the open loop's p99 still shows it. Nobody
# waited for a shorter time: only the share has changed.
#
# </details>
#
# **2.** A closed loop has 2 500 samples. How many of them have to be slow before its p99 shows it?

# %%
answer = ...
check(answer, stall.SLOW_SAMPLES)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 25, which is 1 %. A stall gives it one slow sample. So it takes 25 stalls.
#
# </details>
#
# ## Try this
#
# - Set `RUN_S` to thirty. Which p99 gets better, and did anybody wait for a shorter time?
# - `lab load --help`: an open loop against your own server ([docs/load.md](../docs/load.md)).
#
# [docs/method.md](../docs/method.md) says how latency is measured. Next:
# [04_fan_out_and_cost](04_fan_out_and_cost.ipynb).
#
# **So choose** an open loop, timed from the intended send, where you want to know what people
# feel, and distrust a p99 that does not say how its load was sent.
