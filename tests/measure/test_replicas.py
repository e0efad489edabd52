"""The names of A/A replicas: no transport's own, in an order on which both sides agree."""

from __future__ import annotations

from lab.cluster import registry as cluster
from lab.measure.replicas import (
    JOINERS,
    compression_of,
    in_order,
    is_replica,
    is_variant,
    joined_by,
    original,
    over_tls,
    replica,
    with_joiners,
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


def test_a_transport_whose_nodes_a_library_joins_follows_it_and_names_the_library() -> None:
    labels = with_joiners(["socketio-websocket", "websocket"])
    assert labels == ["socketio-websocket", "socketio-websocket+redis-manager", "websocket"]
    assert in_order(reversed(labels), ["socketio-websocket", "websocket"]) == labels
    assert [joined_by(label) for label in labels] == [None, "socketio-redis-manager", None]
    assert original(labels[1]) == "socketio-websocket"
    assert compression_of(labels[1]) is None
    assert not is_variant(labels[1])
    assert {library for _, library in JOINERS.values()} == cluster.JOINED.keys()


def test_a_transport_over_tls_follows_it_and_names_it() -> None:
    labels = with_tls(["a", "b"])
    assert labels == ["a", "a+tls", "a+resumed", "b", "b+tls", "b+resumed"]
    assert in_order(reversed(labels), ["a", "b"]) == labels
    assert [original(label) for label in labels] == [*"aaabbb"]
    assert [over_tls(label) for label in labels[:3]] == [None, "full", "resumed"]
    assert with_tls(["a"], ["full"]) == ["a", "a+tls"]
    assert not any(map(is_replica, labels))
    assert not any(map(over_tls, registry.TRANSPORTS))
