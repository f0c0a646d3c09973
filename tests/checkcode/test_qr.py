"""QR codes, read back by another program (ZXing)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.checkcode import check_code, qr_matrix
from symbackprop.errors import SymbackpropError

#: A finder: three of the corners of every QR code.
FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


def read(matrix: tuple[tuple[bool, ...], ...], scale: int = 4) -> str:
    """Return what a reader finds in a picture of the code, with its margin."""
    zxingcpp = pytest.importorskip("zxingcpp", reason="reading QR codes needs zxing-cpp")
    numpy = pytest.importorskip("numpy")
    light = numpy.pad(~numpy.array(matrix), 4, constant_values=True)
    picture = numpy.kron(light, numpy.ones((scale, scale))).astype("uint8") * 255
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


@settings(max_examples=60)
@given(st.text(max_size=9))
def test_check_codes_are_read_back(part: str) -> None:
    code = check_code(part)
    matrix = qr_matrix(code)
    assert len(matrix) == 21 and {len(row) for row in matrix} == {21}
    assert read(matrix) == code


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=80))
def test_any_text_is_read_back(text: str) -> None:
    assert read(qr_matrix(text)) == text


def test_the_finders_stand_in_three_corners() -> None:
    rows = ["".join(".#"[module] for module in row) for row in qr_matrix("K7QF-2MXG")]
    assert [row[:7] for row in rows[:7]] == [row[-7:] for row in rows[:7]] == FINDER
    assert [row[:7] for row in rows[-7:]] == FINDER


def test_a_code_with_some_modules_lost_is_still_read() -> None:
    rows = [list(row) for row in qr_matrix("K7QF-2MXG")]
    for row in rows[15:]:
        row[15:] = [not module for module in row[15:]]
    assert read(tuple(map(tuple, rows))) == "K7QF-2MXG"


def test_what_no_code_holds() -> None:
    with pytest.raises(SymbackpropError, match=r"^a QR code of nothing; expected a text$"):
        qr_matrix("")
    with pytest.raises(
        SymbackpropError, match=r"^too long for a QR code: 2400 characters; expected at most 2300$"
    ):
        qr_matrix("x" * 2400)
