"""Claims about who connects: the verdicts on invented observations."""

from __future__ import annotations

from lab.claims import browser_and_server, client_first, html5_standard, server_and_client
from lab.claims._support.claim import Verdict
from lab.claims.browser_and_server import Chatting, count
from lab.claims.client_first import Start
from lab.claims.html5_standard import RFC_6455, Scope
from lab.claims.server_and_client import NODE, PYTHON, Meeting
from tests.interop.sample import CHATS, REFUSED, cell


def test_a_protocol_of_browsers_has_only_browsers_for_clients() -> None:
    browser, program = Chatting("a", True, 2, 2), Chatting("b", False, 1, 2)
    silent = Chatting("c", False, 0, 2)
    assert browser_and_server.judge([browser, silent]) is Verdict.HOLDS
    assert browser_and_server.judge([browser, program]) is Verdict.DEPENDS
    assert browser_and_server.judge([program, silent]) is Verdict.DOES_NOT_HOLD


def test_the_servers_of_a_client_are_counted() -> None:
    cells = [cell(CHATS, client="ws"), cell(REFUSED, client="ws")]
    assert count(cells) == [Chatting("ws", False, 1, 2)]


def test_only_clients_as_installed_decide_who_may_start_first() -> None:
    patient, hasty = Start("a", True, True), Start("b", True, False)
    optional = Start("c", False, True)
    assert client_first.judge([patient, optional]) is Verdict.HOLDS
    assert client_first.judge([patient, hasty]) is Verdict.DEPENDS
    assert client_first.judge([hasty, optional]) is Verdict.DOES_NOT_HOLD


def test_websocket_is_independent_of_html5_in_the_rfcs_version_only() -> None:
    page, worker = Scope("page", True), Scope("worker", False)
    assert html5_standard.judge([page], [RFC_6455]) is Verdict.HOLDS
    assert html5_standard.judge([page, worker], [RFC_6455]) is Verdict.DEPENDS
    assert html5_standard.judge([page], ["8", RFC_6455]) is Verdict.DOES_NOT_HOLD


def test_the_pair_that_the_project_publishes_decides() -> None:
    own, other = Meeting(NODE, NODE, "websocket"), Meeting(PYTHON, NODE, None)
    assert server_and_client.judge([own, other]) is Verdict.HOLDS
    assert server_and_client.judge([Meeting(NODE, NODE, None), other]) is Verdict.DOES_NOT_HOLD
