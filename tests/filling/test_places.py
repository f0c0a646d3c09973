"""Marks are found as whole numbers, and no others."""

from __future__ import annotations

import pytest

from symbackprop.filling.places import marks_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5.17", ["5.17"]),
        ("w_1 = -5.17, b", ["5.17"]),
        ("minus 5.17 times 1000037", ["5.17", "1000037"]),
        ("\N{MINUS SIGN}5,17", ["5.17"]),
        ("15.17 5.171 5.17.1 5.170 0.5.17", []),
        ("1000037. 5.17.", ["1000037", "5.17"]),
        ("10000370 41000037", []),
    ],
)
def test_marks(text: str, found: list[str]) -> None:
    assert [mark for _, mark in marks_in(text, {"5.17", "1000037"})] == found


def test_the_sign_belongs_to_the_mark() -> None:
    text = "a minus 5.17 b \N{MINUS SIGN}5.17 c -5.17 d"
    assert [match[0] for match, _ in marks_in(text, {"5.17"})] == [
        "minus 5.17",
        "\N{MINUS SIGN}5.17",
        "-5.17",
    ]
