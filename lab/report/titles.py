"""What each experiment's table is called, and who asked in it."""

from __future__ import annotations

from lab.record import Run

EXPERIMENTS = {
    "handshake": "Handshake: until a connection is open, and until it has joined a room",
    "latency": "Latency: one message in flight",
    "throughput": "Throughput: a window of messages in flight, to everyone in a room",
    "cost": "Cost: whose is a delivery's CPU time, µs in a room of 100",
    "round_trips": "Round trips until one is in, counted from the bytes and by the clock",
    "bytes": "Bytes: what crosses the wire, up and down, headers and framing included",
    "load": "Load: the highest rate held, and the latency at one modest rate, in an open loop",
    "fan_out": "Fan-out: rooms by size; one message in flight, and where it says so 16",
    "payload": "Payload: a delivery in a room of 10 by the size of the text",
    "memory": "Memory: what an idle connection weighs in the server",
    "idle": "Idle: a minute of 1,000 connections that do nothing",
    "harness": "Harness: what measuring costs, CPU for each delivery, and each message recorded",
    "race": "Race from the page: bytes of a message, all messages of a line, and a burst",
}
"""Experiment -> what its table is called."""

DRIVEN = frozenset({"throughput", "fan_out", "payload"})
"""The experiments in which a run's driver asks: their tables say which it was."""


def client_of(run: Run) -> str:
    """Who asked in the driven experiments (`library`, `raw`); or the `browser`, in all of them."""
    client: str = run.info.constants.get("client", "library")
    return client


def titles(run: Run) -> dict[str, str]:
    """Experiment -> what its table is called in this run, with who asked where that was chosen."""
    client = client_of(run)
    if client == "browser":
        return EXPERIMENTS
    return {
        name: f"{title}; {client} client" if name in DRIVEN else title
        for name, title in EXPERIMENTS.items()
    }
