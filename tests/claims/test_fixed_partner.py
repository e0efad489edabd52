"""The claim `fixed-partner`: the verdict follows from which clients chatted with which servers."""

from __future__ import annotations

from lab.claims._support.claim import Verdict
from lab.claims.fixed_partner import NATIVE as WEBSOCKET
from lab.claims.fixed_partner import OLDER, OLDER_S, SOCKETIO, Partner, judge
from lab.interop.node import node_unavailable, run_node
from tests.interop.conftest import needs

ONE, OTHER = Partner(WEBSOCKET, "one"), Partner(WEBSOCKET, "other")
THIRD = Partner(SOCKETIO, "third")


def test_one_library_each_is_a_fixed_partner() -> None:
    assert judge({"a": [ONE], "b": [THIRD], "c": []}) is Verdict.HOLDS


def test_several_libraries_of_one_protocol_give_depends() -> None:
    assert judge({"a": [ONE, OTHER], "b": [THIRD]}) is Verdict.DEPENDS


def test_a_client_of_two_protocols_has_no_fixed_partner() -> None:
    assert judge({"a": [ONE, OTHER], "b": [ONE, THIRD]}) is Verdict.DOES_NOT_HOLD


async def test_an_older_client_connects_where_the_server_speaks_its_protocol() -> None:
    needs(node_unavailable())
    (said,) = (await run_node(OLDER, timeout_s=OLDER_S)).lines
    assert said["client"].startswith("2.")
    assert said["server"].startswith("4.")
    assert said["default"] == "does not connect (xhr poll error: 400)"
    assert said["allowed"] == "connects"
