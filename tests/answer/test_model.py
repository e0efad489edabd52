"""The answer, put together from a run and the reference."""

from __future__ import annotations

from lab.answer import blocks
from lab.answer.blocks import BLOCKS, DEFAULT, OVER_WEBSOCKET, PLAIN, ROWS
from lab.answer.model import Answer, Row, answer
from lab.measure.figures import BY_KEY
from tests.answer.synthetic import measured
from transports import registry

CPU = "server_cpu_us_per_delivery_100"
PYTHON = {"websocket": {CPU: 8.0}, "socketio-websocket": {CPU: 32.0}, "socketio": {CPU: 30.0}}
NODE = {"node-websocket": {CPU: 6.0}, "node-socketio": {CPU: 7.5}}


def row_of(found: Answer, block: str, key: str = "cpu_16") -> Row:
    row = found.block(block).row(key)
    assert row is not None
    return row


def test_the_definition_names_transports_and_figures_that_exist() -> None:
    named = [name for block in BLOCKS for name in block.transports.values()]
    assert len(named) == len(set(named))
    assert set(named) <= set(registry.TRANSPORTS)
    assert set(blocks.FIGURES) <= set(BY_KEY)
    for row in ROWS:
        assert {BY_KEY[key].unit for key in row.figures} in ({row.unit}, {"RTT"}), row.key
        assert len({BY_KEY[key].lower_is_better for key in row.figures}) == 1


def test_a_block_compares_within_itself_and_with_the_other_stacks() -> None:
    found = list(blocks.pairs())
    assert ("node-socketio", "node-websocket") in found
    assert ("socketio", "socketio-tuned") in found
    assert all(one != other for one, other in found)
    assert blocks.plain_of("node-socketio-polling") == "node-websocket"
    assert blocks.plain_of("loopback") is None


def test_a_run_answers_with_its_own_values_and_ratios() -> None:
    found = answer(measured("mine", PYTHON | NODE), [measured("reference", PYTHON)])
    row = row_of(found, "python")
    assert (row.source and row.source.run, row.quoted) == ("mine", False)
    plain, default = row.sides[PLAIN], row.sides[DEFAULT]
    assert plain.value is not None and default.value is not None and default.ratio is not None
    assert (plain.value.median, default.value.median) == (8.0, 30.0)
    assert (plain.ratio, default.ratio.ratio) == (None, 3.75)
    assert not found.block("node").quoted
    assert found.own


def test_what_a_run_lacks_is_quoted_and_marked() -> None:
    reference = measured("reference", PYTHON | NODE)
    found = answer(measured("mine", PYTHON), [reference])
    node = found.block("node")
    assert node.quoted and node.sources == [reference]
    assert row_of(found, "node").quoted
    assert found.block("python").sources == []
    assert found.block("protocol").row("cpu_16") is None  # nobody measured it


def test_a_run_s_single_transport_is_shown_and_not_filled_up_from_another_run() -> None:
    found = answer(measured("mine", {"socketio": {CPU: 31.0}}), [measured("reference", PYTHON)])
    row = row_of(found, "python")
    assert not row.quoted
    assert row.sides[PLAIN].value is None
    assert row.sides[DEFAULT].ratio is None


def test_a_row_comes_from_the_reference_run_that_compares_most_transports() -> None:
    few = measured("few", {"websocket": {CPU: 9.0}, "socketio": {CPU: 36.0}})
    alone = measured("alone", {"websocket": {CPU: 1.0}})
    row = row_of(answer(None, [alone, few, measured("all", PYTHON)]), "python")
    assert row.source is not None and row.source.run == "all"
    assert row_of(answer(None, [few, measured("again", PYTHON | NODE)]), "node").measured
    equal = [measured(name, PYTHON) for name in ("preferred", "older")]
    first = row_of(answer(None, equal), "python").source
    assert first is not None and first.run == "preferred"
    assert not row_of(answer(None, equal), "python").quoted


def test_another_figure_of_the_same_meaning_takes_its_place() -> None:
    window = {name: {"window_cpu_us_100": each[CPU]} for name, each in PYTHON.items()}
    side = row_of(answer(measured("mine", window), []), "python").sides[OVER_WEBSOCKET]
    assert side.ratio is not None and side.ratio.ratio == 4.0


def test_a_client_s_rows_are_its_own_and_those_of_python_stay() -> None:
    trips, rtt = "round_trips_new_connect", "rtt_p50_us"
    page = measured(
        "page",
        {"websocket": {trips: 2, rtt: 1200}, "socketio": {trips: 7, rtt: 1500}},
        client="browser",
    )
    python = measured(
        "python", {"websocket": {trips: 2, rtt: 160}, "socketio": {trips: 5, rtt: 360}}
    )
    block = answer(page, [python]).block("python")
    in_a_page, in_python = (block.row("round_trips", client) for client in ("browser", "python"))
    assert in_a_page is not None and in_python is not None
    assert (in_a_page.quoted, in_python.quoted) == (False, True)
    assert in_a_page.sides[DEFAULT].value != in_python.sides[DEFAULT].value
    assert row_of(answer(page, [python]), "python", "rtt").client == "browser"
    assert row_of(answer(None, [page, python]), "python", "rtt").client == "python"


def test_a_run_without_any_figure_of_the_answer_says_so() -> None:
    assert not answer(measured("mine", {"websocket": {}}), [measured("reference", PYTHON)]).own
    assert not answer(None, []).block("node").row("cpu_1")
