"""Which lines are code, in both languages; definitions of one name are one."""

from __future__ import annotations

import pytest

from lab.code.module import Definition, Ref, Unit, code_lines, gathered

PYTHON = '''\
"""A docstring
of two lines."""

import os  # 4

# a comment
def f(  # 7
    a: int,  # 8
) -> str:  # 9
    """Another."""
    text = """not a docstring

    of three lines"""  # 11 and 13
    return str(
        (a, text),  # 15
    )


LIMIT = 3  # 19
"""What it is."""
'''

JAVASCRIPT = """\
#!/usr/bin/env node
/* a comment
   of two lines */
import { a } from "./a.mjs"; // 4

export function f(b) {
  // a comment
  const slash = /[/*]"/.test(b); // 8
  const text = `not a comment: // ${b}

    /* nor this */`; // 9 and 11
  return a(slash, {
    text,
  });
}
"""


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", PYTHON, {4, 7, 8, 9, 11, 13, 14, 15, 19}),
        ("javascript", JAVASCRIPT, {4, 6, 8, 9, 11, 12, 13}),
    ],
)
def test_comments_blank_lines_and_brackets_are_no_code(
    language: str, text: str, expected: set[int]
) -> None:
    assert code_lines(text, language) == expected


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_numbers_are_those_of_the_file_whatever_stands_at_its_ends(language: str) -> None:
    assert code_lines("\n\n\na = 1\n\n\n", language) == {4}
    assert code_lines("a = 1", language) == {1}
    assert code_lines("", language) == frozenset()


def test_a_name_that_is_given_twice_is_one_definition() -> None:
    one = Definition((Unit("a", 2), Unit("a.x", 1)), frozenset({Ref("f.py", "b")}))
    two = Definition((Unit("a", 3),), frozenset({Ref("f.py", "c")}))
    module = gathered("f.py", iter([(["a", "also"], one), (["b"], two), (["a"], two)]))
    assert list(module.definitions) == ["a", "b"]
    assert [module.resolve(name) for name in ("a", "also", "b")] == ["a", "a", "b"]
    assert module.definitions["a"] == Definition(
        (Unit("a", 5), Unit("a.x", 1)), frozenset({Ref("f.py", "b"), Ref("f.py", "c")})
    )
