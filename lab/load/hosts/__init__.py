"""Load from many hosts: rooms of the raw driver on the workers of a Dask cluster.

Each worker holds whole rooms: the speaker, and all the listeners by which it is timed. So every
time is the difference of two readings of one clock, and the clocks of the hosts need not agree.
"""

from __future__ import annotations
