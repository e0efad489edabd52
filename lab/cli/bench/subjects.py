"""Which transports and experiments a run has, and what its options and its profile add to them.

`--aa`, `--tls`, `--compression` and the experiment nodes add labels beside each transport, and
`--network` takes those with a server. Each says what it can be measured with.
"""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console

from lab.cli.bench import requirements
from lab.cli.bench.options import BenchOptions
from lab.cli.compression import fault_of
from lab.cli.network import check_able
from lab.cli.tls import check_library, lacking
from lab.cli.transports import TRANSPORTS
from lab.cluster.programs import missing
from lab.cluster.proxies import CONFIGURATIONS
from lab.cluster.redis import PROGRAM as REDIS
from lab.compression import STOCK, Compression
from lab.contract import Capability
from lab.load.profiles import EXPERIMENTS, JAVASCRIPT_CLIENTS, NODES, PROFILES, Profile
from lab.measure.replicas import with_compressions, with_replicas, with_tls
from transports import registry
from transports._shared import extras

OVER_TLS = ("handshake", "latency", "throughput", "round_trips", "bytes", "memory")
"""The experiments that --tls can run."""
WITH_COMPRESSION = ("handshake", "latency", "throughput", "bytes", "payload", "memory")
"""The experiments that --compression runs; it can also run `compression`."""


ACROSS_A_LINK = ("handshake", "latency", "throughput")
"""The experiments that --network can run: those without a relay beside the server."""
LOSS = "loss"
"""The experiment that opens links of its own."""
COMPARED = (
    STOCK,
    Compression("set", 15, 6),
    Compression("set", 12, 1),
    Compression("set", 15, 6, takeover=False),
)
"""What the experiment compression compares with off, if nothing is chosen."""


def subjects(options: BenchOptions, console: Console) -> tuple[list[str], tuple[str, ...]]:
    """Return the transports to measure, with their replicas, and the experiments."""
    sizes, transports, experiments = (
        PROFILES[options.profile],
        options.transports or default_transports(options),
        options.experiments,
    )
    if options.client in JAVASCRIPT_CLIENTS:
        from lab.cli.bench.javascript import in_javascript

        transports, experiments = in_javascript(
            options.client, transports, experiments, options.plant, console
        )
    network = options.link(0)
    if network is not None:
        experiments = experiments or ACROSS_A_LINK
        transports = _across_a_link(options, transports, experiments, console)
    if network is not None or LOSS in experiments:
        check_able()
    if options.tls:
        experiments = experiments or OVER_TLS
        transports = _add_tls(options, transports, experiments, console)
    if wanted := _compressions(options):
        experiments = experiments or WITH_COMPRESSION
        transports = _add_compressions(options, transports, experiments, wanted, console)
    if NODES in experiments:
        transports = _add_joiners(options, transports)
    if options.aa:
        experiments = experiments or (
            _timed_experiments(sizes) if options.plant is None else ("throughput",)
        )
        transports = _add_replicas(transports, experiments, console)
    if sizes.over_tls and is_profiles_own(options):
        transports = _add_core_over_tls(transports, console)
    return transports, experiments or sizes.experiments


def check_redis() -> None:
    """Raise UsageError if what joins the nodes is not installed."""
    reasons = missing(REDIS), extras.missing("redis")
    for reason in reasons:
        if reason is not None:
            raise click.UsageError(f"--experiment {NODES}: {reason}")


def check_proxies(console: Console) -> None:
    """Name the proxies that are not installed. Raises UsageError if none is."""
    lacking = [said for proxy in CONFIGURATIONS if (said := missing(proxy)) is not None]
    if len(lacking) == len(CONFIGURATIONS):
        raise click.UsageError("; ".join(lacking))
    for said in lacking:
        console.print(f"left out: {said}", highlight=False)


def is_profiles_own(options: BenchOptions) -> bool:
    """Whether the profile says what is measured: its own experiments, by clients in Python."""
    return not (
        options.experiments
        or options.aa
        or options.tls
        or options.compressions
        or options.link(0)
        or options.client != "python"
    )


def default_transports(options: BenchOptions) -> list[str]:
    """Return the profile's transports for its own experiments in Python, and otherwise `core`."""
    groups = PROFILES[options.profile].transports if is_profiles_own(options) else ("core",)
    return TRANSPORTS.convert(",".join(groups), None, None)


def _timed_experiments(sizes: Profile) -> tuple[str, ...]:
    return tuple(name for name in sizes.experiments if not EXPERIMENTS[name].once)


def _add_replicas(
    transports: list[str], experiments: tuple[str, ...], console: Console
) -> list[str]:
    """Add A/A replicas. Raises UsageError if no transport can be compared with itself."""
    if once := [name for name in experiments if EXPERIMENTS[name].once]:
        raise click.UsageError(
            f"--aa compares figures that are timed in each pass; {', '.join(once)} measures once; "
            f"there are {', '.join(name for name in EXPERIMENTS if not EXPERIMENTS[name].once)}"
        )
    return with_replicas(_served("--aa", transports, console))


def _check_measured(says: str, experiments: Sequence[str], able: Sequence[str]) -> None:
    """Raise UsageError for an experiment that an option can't be measured with."""
    if others := [name for name in experiments if name not in able]:
        raise click.UsageError(f"{says} {', '.join(able)}, not {', '.join(others)}")


def _served(option: str, transports: list[str], console: Console) -> list[str]:
    """Return those with a server of their own. Raises UsageError if there is none."""
    served = [name for name in transports if Capability.SOCKET in registry.load(name).capabilities]
    if not served:
        raise click.UsageError(
            f"{option} needs a transport with its own server, and {transports[0]} has none"
        )
    if left_out := [name for name in transports if name not in served]:
        console.print(f"left out, since they have no server of their own: {', '.join(left_out)}")
    return served


def _add_tls(
    options: BenchOptions, transports: list[str], experiments: tuple[str, ...], console: Console
) -> list[str]:
    """Add each transport over TLS. Raises UsageError if that can't be measured."""
    check_library()
    if options.aa or options.client != "python":
        raise click.UsageError("--tls is for --client python, and not for --aa")
    _check_measured("--tls measures", experiments, OVER_TLS)
    served = _served("--tls", transports, console)
    always = [name for name in served if _is_always_over_tls(name)]
    if always:
        console.print(f"over TLS in any case: {', '.join(always)}")
    return [label for name in served for label in ([name] if name in always else with_tls([name]))]


def _add_core_over_tls(transports: list[str], console: Console) -> list[str]:
    """Add those of `core` over TLS, with full handshakes, if its library is installed."""
    if (reason := lacking()) is not None:
        console.print(f"left out: core over TLS, which {reason}", highlight=False)
        return transports
    secured = {
        name
        for name in transports
        if name in registry.CORE and Capability.SOCKET in registry.load(name).capabilities
    }
    return [
        label
        for name in transports
        for label in (with_tls([name], ["full"]) if name in secured else [name])
    ]


def _add_joiners(options: BenchOptions, transports: list[str]) -> list[str]:
    """Add each transport whose nodes a library joins. Raises UsageError for other experiments."""
    from lab.load.requirements import MEETS, joinable

    if others := [name for name in options.experiments if name != NODES]:
        raise click.UsageError(
            f"--experiment {NODES} runs servers of its own: leave out {', '.join(others)}"
        )
    requirements.check((NODES,), transports, "raw")
    check_redis()
    able = [registry.load(name) for name in transports]
    return [
        label
        for transport in able
        if MEETS[EXPERIMENTS[NODES].requires](transport)
        for label in joinable(transport)
    ]


def _is_always_over_tls(name: str) -> bool:
    return Capability.TLS_ALWAYS in registry.load(name).capabilities


def _compressions(options: BenchOptions) -> list[Compression]:
    """What is compared with off; empty: nothing."""
    chosen = options.compressions or (COMPARED if "compression" in options.experiments else ())
    return [each for each in chosen if each.wanted]


def _add_compressions(
    options: BenchOptions,
    transports: list[str],
    experiments: tuple[str, ...],
    wanted: list[Compression],
    console: Console,
) -> list[str]:
    """Add each transport with each compression. Raises UsageError if that can't be measured."""
    requirements.check(
        [name for name in experiments if name == "compression"], transports, "library"
    )
    if options.aa or options.tls or options.client != "python":
        raise click.UsageError("--compression is for --client python, and not for --aa or --tls")
    if options.settings != "equal":
        raise click.UsageError("--compression compares with off, so it is for --settings equal")
    if options.driver == "raw":
        raise click.UsageError("--compression is for --driver library: the raw client has none")
    able = (*WITH_COMPRESSION, "compression")
    _check_measured("--compression measures", experiments, able)
    labels, faults = [], []
    for name in transports:
        taken = []
        for each in dict.fromkeys(wanted):
            fault = fault_of(registry.load(name), each)
            faults += [fault] if fault else []
            taken += [] if fault else [each]
        labels += with_compressions([name], taken) if taken else []
    if not labels:
        raise click.UsageError("; ".join(dict.fromkeys(faults)))
    if faults:
        console.print(f"left out: {'; '.join(dict.fromkeys(faults))}", highlight=False)
    return labels


def _across_a_link(
    options: BenchOptions, transports: list[str], experiments: tuple[str, ...], console: Console
) -> list[str]:
    """Return those with a server. Raises UsageError if a link can't be measured so."""
    if options.client != "python":
        raise click.UsageError("--network and its options are for --client python")
    if options.fleet is not None:
        raise click.UsageError("--network and its options are not for --fleet")
    _check_measured("--network and its options measure", experiments, ACROSS_A_LINK)
    return _served("--network", transports, console)
