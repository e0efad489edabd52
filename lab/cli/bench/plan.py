"""The plan of a run: its transports, experiments, passes and settings.

The plan can be read from the record of the run. So an interrupted run continues with the same plan.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lab.contract import Capability, Heartbeat, Settings
from lab.link.path import Network
from lab.load.open_loop.schedule import Arrivals
from lab.load.profiles import (
    EXPERIMENTS,
    JAVASCRIPT_CLIENTS,
    PROFILES,
    Client,
    ClientKind,
    Driver,
    Profile,
    StormSizes,
    steps,
)
from lab.measure.replicas import NETWORK, SIDES, compression_of, original, over_tls

if TYPE_CHECKING:
    from lab.record import RunInfo

FLEET = "fleet"
"""Key in a run's constants: the workers from which the load came."""
PLANTED = "planted_ns_per_delivery"
"""Key in a run's constants: A/A replica -> CPU time in ns by which a delivery is slowed."""


class FleetPlan(msgspec.Struct, frozen=True):
    """The hosts of a load. `scheduler` and `listen` are addresses: they are not recorded.

    `workers`: the label of each.
    """

    scheduler: str
    listen: str
    workers: list[str]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that determines a run. `transports` may contain A/A replicas."""

    profile: str
    settings: Settings
    transports: list[str]
    seed: int
    passes: int
    experiments: tuple[str, ...]
    arrivals: Arrivals
    planted: dict[str, int] = {}
    driver: Driver = "library"
    client: Client = "python"
    rounds: int
    over_tls: tuple[str, ...] = ()
    """The experiments that the labels over TLS run."""
    clients: int = StormSizes().clients
    """Of a storm."""
    servers: dict[str, str] = {}
    """Label -> the Python interpreter of its server. It is not recorded: runs have no paths."""
    network: Network | None = None
    """Of the link between the client and the server; None: they share a network namespace."""
    sides: dict[str, str] = {}
    """Label -> the version that its server has, where labels of one transport differ in that."""
    fleet: FleetPlan | None = None
    """None: the load is this machine's."""

    @property
    def sweeps(self) -> list[tuple[str, ...]]:
        """The experiments of each pass."""
        return steps(self.experiments, self.passes)

    def labels(self, index: int) -> list[str]:
        """The transports of pass `index`, from 1. Those over TLS don't run every experiment."""
        if set(self.sweeps[index - 1]) <= set(self.over_tls):
            return self.transports
        return [label for label in self.transports if over_tls(label) is None]

    def pass_name(self, index: int) -> str:
        """The title of pass `index`, from 1. It says what is measured, if the passes differ."""
        name, sweeps = f"pass {index} of {len(self.sweeps)}", self.sweeps
        if len(set(sweeps)) == 1:
            return name
        sweep = sweeps[index - 1]
        return f"{name} ({sweep[0] if EXPERIMENTS[sweep[0]].once else 'timed'})"

    @property
    def client_kind(self) -> ClientKind:
        """The kind of client, as in the record."""
        return self.driver if self.client == "python" else self.client

    def sizes(self) -> Profile:
        """The profile, with the requested values in place of its own."""
        profile = PROFILES[self.profile]
        return msgspec.structs.replace(
            profile,
            passes=self.passes,
            rounds=self.rounds,
            experiments=self.experiments,
            over_tls=self.over_tls,
            open_loop=msgspec.structs.replace(profile.open_loop, arrivals=self.arrivals),
            storm=msgspec.structs.replace(profile.storm, clients=self.clients),
        )

    def pass_arguments(self, index: int) -> list[str]:
        """The suite's options for pass `index`, from 1."""
        options = {
            "--profile": self.profile,
            "--transports": ",".join(self.labels(index)),
            "--settings": self.settings,
            "--arrivals": self.arrivals,
            "--driver": self.driver,
            "--client": self.client,
            "--rounds": str(self.rounds),
            "--clients": str(self.clients),
            "--network": self.network_json(),
            "--planted": _by_label(self.planted),
            "--servers": _by_label(self.servers),
            "--experiments": ",".join(self.sweeps[index - 1]),
            "--order-seed": str(self.seed + index),
        }
        if self.fleet is not None:
            options |= {
                "--fleet": self.fleet.scheduler,
                "--listen": self.fleet.listen,
                "--fleet-workers": ",".join(self.fleet.workers),
            }
        return [word for option, value in options.items() if value for word in (option, value)]

    def network_json(self) -> str:
        """The network as the suite takes it; empty without one."""
        return msgspec.json.encode(self.network).decode() if self.network is not None else ""

    def order(self, index: int) -> list[str]:
        """The order of the transports in the pass `index`."""
        return shuffled(self.labels(index), self.seed + index)

    def constants(self) -> dict[str, Any]:
        """The workload, as in run.json."""
        from lab.measure import collector
        from lab.measure.process import plan_cores

        cores, planted = plan_cores(), {PLANTED: self.planted} if self.planted else {}
        sides = {SIDES: self.sides} if self.sides else {}
        if self.network is not None:
            sides = {**sides, NETWORK: msgspec.to_builtins(self.network)}
        return {
            **msgspec.to_builtins(self.sizes(), str_keys=True),
            **planted,
            **sides,
            "heartbeat_s": msgspec.to_builtins(Heartbeat()),
            "garbage_collector": f"frozen, {collector.CALM}"
            if self.settings == "equal"
            else "default",
            "cores": str(cores),
            "load_processes": 1 + len(cores.further) if self.client_kind == "raw" else 1,
            "senders_per_room": 1,
            "client": self.client_kind,
            **self._fleet_constants(),
        }

    def _fleet_constants(self) -> dict[str, Any]:
        """What replaces this machine's load in the record, if the load is a fleet's."""
        if self.fleet is None:
            return {}
        workers = self.fleet.workers
        return {
            "cores": f"load on {len(workers)} workers of a fleet, server on a core here",
            "load_processes": len(workers),
            FLEET: {"workers": len(workers), "labels": workers, "rooms": "one in each worker"},
        }

    def described(self) -> dict[str, dict[str, Any]]:
        """Transport -> its stack here and its effective settings."""
        found = {name: _describe(name, self.settings) for name in self.transports}
        if self.network is not None:
            for each in found.values():
                each["settings_shown"]["network"] = self.network.shown()
        return found


def plan_from_record(info: RunInfo) -> Plan:
    """Return the plan of a recorded run. Raises ValueError if this version can't follow it."""
    if info.profile not in PROFILES:
        raise ValueError(
            f"it has the unknown profile {info.profile}; there are {', '.join(PROFILES)}"
        )
    if unknown := set(info.constants["experiments"]) - set(EXPERIMENTS):
        raise ValueError(f"it has the unknown experiments {', '.join(unknown)}")
    if SIDES in info.constants:
        raise ValueError("the environments of its two sides were temporary")
    if FLEET in info.constants:
        raise ValueError("its load came from a fleet, whose address no run has")
    client_kind = info.constants["client"]
    return Plan(
        profile=info.profile,
        settings=info.settings,
        transports=list(info.transports),
        seed=info.seed,
        passes=info.constants["passes"],
        experiments=tuple(info.constants["experiments"]),
        arrivals=info.constants["open_loop"]["arrivals"],
        planted=info.constants.get(PLANTED, {}),
        driver="library" if client_kind in JAVASCRIPT_CLIENTS else client_kind,
        client=client_kind if client_kind in JAVASCRIPT_CLIENTS else "python",
        rounds=info.constants["rounds"],
        over_tls=tuple(info.constants.get("over_tls", info.constants["experiments"])),
        clients=info.constants.get("storm", {}).get("clients", StormSizes().clients),
        network=msgspec.convert(info.constants.get(NETWORK), Network | None),
    )


def limits() -> dict[str, Any]:
    """The room's limits under measurement."""
    from lab.chat.limits import UNPACED

    found: dict[str, Any] = msgspec.to_builtins(UNPACED)
    return found


def shuffled(transports: Sequence[str], seed: int) -> list[str]:
    """Return the transports in the order of the pass with this seed, as the suite shuffles them."""
    order = list(transports)
    random.Random(seed).shuffle(order)
    return order


def _by_label(values: Mapping[str, object]) -> str:
    """Values by label, as the suite's options take them."""
    return ",".join(f"{label}={value}" for label, value in values.items())


def _describe(name: str, settings: Settings) -> dict[str, Any]:
    from transports import registry

    transport = registry.load(original(name))
    shown = dict(transport.effective_settings(settings))
    always = "full" if Capability.TLS_ALWAYS in transport.capabilities else None
    if (session := over_tls(name) or always) is not None:
        shown["TLS"] = f"1.3, {session} handshake"
    if (used := compression_of(name)) is not None and transport.compression is not None:
        shown["compression"] = transport.compression.shown(used)
    return {
        "stack": msgspec.to_builtins(transport.stack()),
        "settings_shown": shown,
        "limit": transport.limit,
    }
