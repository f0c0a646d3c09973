"""Check codes: every slip is noticed, forms of writing are forgiven."""

from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.checkcode import ALPHABET, CodeError, check_code, is_code, normal_code

PARTS = st.lists(st.text(max_size=20), max_size=4)


def by_the_definition(*parts: str) -> str:
    """Return a code by another way: SHA-256 of the parts with their lengths, digits of base 29 by strings."""
    text = "".join(f"{len(part.encode('utf-8', 'surrogatepass'))}:{part}" for part in parts)
    number = int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), 16) % 29**7
    places = [number // 29**power % 29 for power in range(7)]
    (check,) = [
        last for last in range(29) if (sum((i + 1) * c for i, c in enumerate(places)) + 8 * last) % 29 == 0
    ]
    code = "".join(ALPHABET[place] for place in [*places, check])
    return f"{code[:4]}-{code[4:]}"


@given(PARTS)
def test_codes_follow_the_definition(parts: list[str]) -> None:
    assert check_code(*parts) == by_the_definition(*parts)


def test_the_alphabet() -> None:
    assert len(set(ALPHABET)) == 29 and not set(ALPHABET) & set("0O1ILAU")
    assert all(29 % divisor for divisor in range(2, 29))


def test_parts_are_kept_apart_and_in_order() -> None:
    codes = [
        check_code(*parts)
        for parts in (("ab", "c"), ("a", "bc"), ("c", "ab"), ("abc",), ("abc", ""), ("", "abc"), ())
    ]
    assert len(set(codes)) == len(codes)


def test_a_code_stays_what_it_is() -> None:
    # codes stand on paper: whoever changes the scheme makes old sheets unreadable
    assert check_code("2026", "two-output-sigmoid", "007") == "3ZYD-K9ZW"


@pytest.mark.parametrize("seed", range(20))
def test_every_wrong_character_and_every_swap_is_noticed(seed: int) -> None:
    code = check_code(str(seed)).replace("-", "")
    for place, right in enumerate(code):
        for wrong in ALPHABET:
            assert is_code(code[:place] + wrong + code[place + 1 :]) == (wrong == right)
    for first, second in combinations(range(8), 2):
        swapped = list(code)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert is_code("".join(swapped)) == (code[first] == code[second])


@given(PARTS, st.sampled_from(["", " ", "-", "\u2011", "\u2013", "\u2212", "\u00a0", " - "]), st.booleans())
def test_case_spaces_and_hyphens_are_forgiven(parts: list[str], between: str, small: bool) -> None:
    code = check_code(*parts)
    typed = between.join(code.replace("-", ""))
    assert normal_code(f" {typed.lower() if small else typed}\n") == code
    assert is_code(typed)


@given(st.text(max_size=12))
def test_any_text_is_a_code_or_not(text: str) -> None:
    if is_code(text):
        assert normal_code(normal_code(text)) == normal_code(text)
    else:
        with pytest.raises(CodeError, match="is no check code"):
            normal_code(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no check code: it has 0 characters; expected 8, such as K7QF-2MXG"),
        ("K7QF-2MX", "'K7QF-2MX' is no check code: it has 7 characters; expected 8, such as K7QF-2MXG"),
        (
            "KOQF-2MXG",
            "'KOQF-2MXG' is no check code: 'O' is in none; codes have neither 0 nor O; is it Q, D or G?",
        ),
        (
            "kiqf2mxg",
            "'kiqf2mxg' is no check code: 'I' is in none; codes have neither 1, I nor L; is it 7, T or J?",
        ),
        ("K7QF-2MX!", "'K7QF-2MX!' is no check code: '!' is in none"),
        ("x" * 31, f"'{'x' * 30}...' is no check code: it has 31 characters; expected 8, such as K7QF-2MXG"),
        (
            "2222-2223",
            "'2222-2223' is no check code: a character is wrong, or two are swapped; "
            "compare it with the paper",
        ),
    ],
)
def test_what_is_wrong_with_it(text: str, message: str) -> None:
    with pytest.raises(CodeError) as error:
        normal_code(text)
    assert str(error.value) == message


def test_the_example_in_the_texts_is_a_code() -> None:
    assert is_code("K7QF-2MXG")
