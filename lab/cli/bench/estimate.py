"""How long a run will take, computed from its plan before it begins."""

from __future__ import annotations

from lab.cli.bench.plan import Plan
from lab.contract import Capability
from lab.load.durations import DURATIONS, OVER_TLS, START_S
from lab.load.profiles import EXPERIMENTS, PROFILES
from lab.measure.replicas import original, over_tls
from transports import registry


def estimate_s(plan: Plan) -> float | None:
    """The seconds of all passes, on two cores with nothing else to do; None where it isn't known.

    It is known for the experiments of a profile with clients in Python, on this machine alone.
    """
    known = DURATIONS[plan.profile]
    elsewhere = plan.client != "python" or plan.network is not None or plan.fleet is not None
    if elsewhere or not set(plan.experiments) <= known.keys():
        return None
    return sum(_pass_s(plan, index) for index in range(1, len(plan.sweeps) + 1))


def sentence(plan: Plan) -> str | None:
    """The estimate for people; None where it isn't known."""
    seconds = estimate_s(plan)
    if seconds is None:
        return None
    minutes = max(1, round(seconds / 60))
    return (
        f"{_counted(len(plan.sweeps), 'pass', 'passes')}, about "
        f"{_counted(minutes, 'minute', 'minutes')} on two cores with nothing else to do"
    )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _pass_s(plan: Plan, index: int) -> float:
    labels = [each for each in plan.labels(index) if _has_a_server(each)]
    shares = sum(OVER_TLS if over_tls(each) else 1 for each in labels)
    timed = any(not EXPERIMENTS[each].once for each in plan.sweeps[index - 1])
    return (START_S * len(labels) if timed else 0) + sum(
        _experiment_s(plan, each, shares) for each in plan.sweeps[index - 1]
    )


def _experiment_s(plan: Plan, experiment: str, shares: float) -> float:
    """`shares`: the number of transports, where one over TLS counts for more."""
    duration, rounds = DURATIONS[plan.profile][experiment], 1.0
    if not EXPERIMENTS[experiment].once:  # one round more is not measured
        rounds = (plan.rounds + 1) / (PROFILES[plan.profile].rounds + 1)
    return duration.once_s + duration.each_s * shares * rounds


def _has_a_server(label: str) -> bool:
    return Capability.SOCKET in registry.load(original(label)).capabilities
