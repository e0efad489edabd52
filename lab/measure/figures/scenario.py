"""The figures of a target under a scenario's load. One pass is enough for a figure."""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import (
    Extract,
    cpu_us_per_delivery,
    detail_at,
    load_bound,
    load_cpu_us_per_delivery,
    percentile,
)
from lab.measure.figures.figure import Figure

EXPERIMENT = "scenario"


def _uncorrected_ms(counts: Counts) -> float | None:
    ns = detail_at("uncorrected_p99_ns")(counts)
    return None if ns is None else ns / 1e6


def _latency(measure: str, until: str) -> tuple[Figure, ...]:
    def figure(key: str, title: str, column: str, extract: Extract) -> Figure:
        return Figure(
            f"{measure}_{key}_ms",
            f"{until}, {title}",
            "ms",
            EXPERIMENT,
            measure,
            extract,
            counted=True,
            caveat=load_bound,
            column=f"{measure}\n{column}, ms",
        )

    return (
        figure("p50", "p50", "p50", percentile(50, 1e6)),
        figure("p99", "p99", "p99", percentile(99, 1e6)),
        figure(
            "uncorrected_p99",
            "p99 as a closed loop would report it",
            "p99 uncorr.",
            _uncorrected_ms,
        ),
    )


def _whole(key: str, title: str, unit: str, column: str, extract: Extract) -> Figure:
    return Figure(
        key,
        title,
        unit,
        EXPERIMENT,
        "load",
        extract,
        lower_is_better=unit == "µs",
        counted=True,
        caveat=load_bound,
        column=column,
    )


SCENARIO: tuple[Figure, ...] = (
    *_latency("answer", "until it is answered"),
    *_latency("delivery", "until the last client has it"),
    _whole(
        "goodput_per_s",
        "messages answered and delivered",
        "/s",
        "goodput\nmsg/s",
        detail_at("goodput_per_s"),
    ),
    _whole(
        "target_cpu_us",
        "target CPU for each answer and delivery",
        "µs",
        "target\nCPU µs",
        cpu_us_per_delivery,
    ),
    _whole(
        "load_cpu_us",
        "client CPU for each answer and delivery",
        "µs",
        "client\nCPU µs",
        load_cpu_us_per_delivery,
    ),
)
