"""The names of A/A replicas: no transport's own, in an order on which both sides agree."""

from __future__ import annotations

from lab.measure.replicas import (
    in_order,
    is_replica,
    original,
    over_tls,
    replica,
    with_replicas,
    with_tls,
)
from transports import registry


def test_a_replica_differs_from_every_transport_and_names_its_original() -> None:
    for transport in registry.TRANSPORTS:
        assert not is_replica(transport)
        assert is_replica(replica(transport))
        assert original(replica(transport)) == original(transport) == transport
    assert (
        not {replica(transport) for transport in registry.TRANSPORTS} & registry.TRANSPORTS.keys()
    )


def test_a_replica_follows_its_original_once() -> None:
    labels = with_replicas(["a", "b"])
    assert labels == ["a", "a~2", "b", "b~2"]
    assert in_order(["b~2", "a", "b", "a", "a~2"], ["a", "b"]) == labels
    assert in_order(["b~2", "a"], ["a", "b"]) == ["a", "b~2"]


def test_a_transport_over_tls_follows_it_and_names_it() -> None:
    labels = with_tls(["a", "b"])
    assert labels == ["a", "a+tls", "a+resumed", "b", "b+tls", "b+resumed"]
    assert in_order(reversed(labels), ["a", "b"]) == labels
    assert [original(label) for label in labels] == [*"aaabbb"]
    assert [over_tls(label) for label in labels[:3]] == [None, "full", "resumed"]
    assert with_tls(["a"], ["full"]) == ["a", "a+tls"]
    assert not any(map(is_replica, labels))
    assert not any(map(over_tls, registry.TRANSPORTS))
