"""What a run is going to do: all that its passes are told, between the options and the campaign.

A plan can be read back from the run's record, which is how an interrupted run goes on as it began.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lab.contract import Heartbeat, Settings
from lab.load.profiles import EXPERIMENTS, PROFILES, Asker, Client, Driver, Profile, steps
from lab.load.schedule import Arrivals
from lab.measure.twins import original

if TYPE_CHECKING:
    from lab.record import RunInfo

PLANTED = "planted_ns_per_delivery"
"""In a run's constants: twin -> the CPU time by which each of its server's deliveries is slowed."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides about a run. `wires` may contain twins."""

    profile: str
    settings: Settings
    wires: list[str]
    seed: int
    passes: int
    experiments: tuple[str, ...]
    arrivals: Arrivals
    planted: dict[str, int] = {}
    driver: Driver = "library"
    client: Client = "python"
    rounds: int

    @property
    def sweeps(self) -> list[tuple[str, ...]]:
        """The experiments of each pass."""
        return steps(self.experiments, self.passes)

    @property
    def asker(self) -> Asker:
        """Who asks, as the record has it."""
        return "browser" if self.client == "browser" else self.driver

    def sizes(self) -> Profile:
        """The profile, with what was asked for instead."""
        profile = PROFILES[self.profile]
        return msgspec.structs.replace(
            profile,
            passes=self.passes,
            rounds=self.rounds,
            experiments=self.experiments,
            open_loop=msgspec.structs.replace(profile.open_loop, arrivals=self.arrivals),
        )

    def pass_arguments(self, index: int) -> list[str]:
        """The suite's options for the pass `index`, from 1."""
        told = {
            "--profile": self.profile,
            "--wires": ",".join(self.wires),
            "--settings": self.settings,
            "--arrivals": self.arrivals,
            "--driver": self.driver,
            "--client": self.client,
            "--rounds": str(self.rounds),
            "--planted": ",".join(f"{wire}={ns}" for wire, ns in self.planted.items()),
            "--experiments": ",".join(self.sweeps[index - 1]),
            "--order-seed": str(self.seed + index),
        }
        return [word for option, value in told.items() if value for word in (option, value)]

    def order(self, index: int) -> list[str]:
        """The order of the wires in the pass `index`."""
        return shuffled(self.wires, self.seed + index)

    def constants(self) -> dict[str, Any]:
        """The workload, as run.json keeps it."""
        from lab.measure import collector
        from lab.measure.process import plan_cores

        cores, planted = plan_cores(), {PLANTED: self.planted} if self.planted else {}
        return {
            **msgspec.to_builtins(self.sizes(), str_keys=True),
            **planted,
            "heartbeat_s": msgspec.to_builtins(Heartbeat()),
            "garbage_collector": f"frozen, {collector.CALM}"
            if self.settings == "equal"
            else "default",
            "cores": str(cores),
            "load_processes": 1 + len(cores.further) if self.asker == "raw" else 1,
            "senders_per_room": 1,
            "client": self.asker,
        }

    def described(self) -> dict[str, dict[str, Any]]:
        """What each wire is made of here, and with which settings it is run."""
        return {name: _described(name, self.settings) for name in self.wires}


def of_record(info: RunInfo) -> Plan:
    """The plan that a recorded run was begun with. Raises ValueError where this lab has no such."""
    if info.profile not in PROFILES:
        raise ValueError(f"its profile {info.profile} is none of {', '.join(PROFILES)}")
    if unknown := set(info.constants["experiments"]) - set(EXPERIMENTS):
        raise ValueError(f"its experiments {', '.join(unknown)} are not known here")
    asker = info.constants["client"]
    return Plan(
        profile=info.profile,
        settings=info.settings,
        wires=list(info.wires),
        seed=info.seed,
        passes=info.constants["passes"],
        experiments=tuple(info.constants["experiments"]),
        arrivals=info.constants["open_loop"]["arrivals"],
        planted=info.constants.get(PLANTED, {}),
        driver="library" if asker == "browser" else asker,
        client="browser" if asker == "browser" else "python",
        rounds=info.constants["rounds"],
    )


def limits() -> dict[str, Any]:
    """The room's limits under measurement."""
    from lab.chat.limits import UNPACED

    found: dict[str, Any] = msgspec.to_builtins(UNPACED)
    return found


def shuffled(wires: Sequence[str], seed: int) -> list[str]:
    """The order of the wires in the pass with this seed: the suite's own shuffle is the same."""
    order = list(wires)
    random.Random(seed).shuffle(order)
    return order


def _described(name: str, settings: Settings) -> dict[str, Any]:
    from transports import registry

    wire = registry.load(original(name))
    shown = dict(wire.knobs(settings))
    return {"stack": msgspec.to_builtins(wire.stack()), "settings_shown": shown}
