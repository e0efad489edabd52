"""The titles of the experiments' tables, with the client that was used."""

from __future__ import annotations

from lab.record import Run

EXPERIMENTS = {
    "handshake": "Handshake: until a connection is open, and until it has joined a room",
    "latency": "Latency: one message in flight",
    "throughput": "Throughput: a window of messages in flight, to everyone in a room",
    "cost": "Cost: CPU time of a delivery by its causes, µs in a room of 100",
    "round_trips": "Round trips until a client has joined, counted from the bytes and by the clock",
    "bytes": "Bytes: what crosses the wire, up and down, headers and framing included",
    "load": "Load: the highest rate held, and the latency at one modest rate, in an open loop",
    "fan_out": "Fan-out: rooms by size; one message in flight, and where it says so 16",
    "payload": "Payload: a delivery in a room of 10 by the size of the text",
    "memory": "Memory: server memory of an idle connection",
    "idle": "Idle: the cost of 1,000 idle connections in a minute",
    "compression": "Compression: a delivery in a room of 4 by kind and size of the text",
    "harness": "Harness: what measuring costs, in CPU per delivery and per recorded message",
    "durability": "Durability: a message to a room of 100, kept by a journal before its reply",
    "loss": "Loss: a message on a link (RTT 20 ms) that loses packets, or behind a lost one",
    "storm": "Storm: clients that come back to a restarted server, by the pause before an attempt",
    "proxies": "Proxies: what they add to a direct connection, and which silence they cut",
    "nodes": "Nodes: a delivery on a node alone and on joined nodes, 16 messages in flight",
    "calibration": "Calibration of a link: what it does, beside what it was set to",
    "scenario": "Scenario: a target under load, from the intended send of each message",
    "race": "Race from the page: bytes of a message, all messages of a line, and a burst",
}
"""Experiment -> the title of its table."""

DRIVEN = frozenset({"throughput", "fan_out", "payload"})
"""The experiments that use the chosen driver. Their titles name it."""


PLACES = {"browser": "in a browser", "node": "in Node"}
"""Client in JavaScript -> where it ran. It is the client of all experiments of a run."""


def client_of(run: Run) -> str:
    """The client of the driven experiments (`library`, `raw`), or of all (`browser`, `node`)."""
    client: str = run.info.constants.get("client", "library")
    return client


def titles(run: Run) -> dict[str, str]:
    """Experiment -> its title in this run, with the client if that was chosen."""
    client = client_of(run)
    if client in PLACES:
        return EXPERIMENTS
    return {
        name: f"{title}; {client} client" if name in DRIVEN else title
        for name, title in EXPERIMENTS.items()
    }
