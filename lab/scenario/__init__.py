"""A scenario: how to connect to a target, what to send, what answers, and what is broadcast.

A scenario is a TOML file. `parse` reads one, and names the key, the line and what is allowed where
it is wrong. `examples` are those that ship.
"""

from __future__ import annotations

__pure__ = True

from lab.scenario.parsing import ScenarioError, checked, parse
from lab.scenario.schema import (
    Answer,
    Broadcast,
    Connect,
    Expected,
    Load,
    Message,
    Scenario,
    Server,
    Step,
)

__all__ = [
    "Answer",
    "Broadcast",
    "Connect",
    "Expected",
    "Load",
    "Message",
    "Scenario",
    "ScenarioError",
    "Server",
    "Step",
    "checked",
    "parse",
]
