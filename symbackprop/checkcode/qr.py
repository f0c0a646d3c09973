"""QR codes as plain matrices, for any format to draw."""

from __future__ import annotations

from ..errors import SymbackpropError

#: The mask that is laid over the modules. To weigh up all eight takes most of the time of a symbol, and for a
#: camera it does not matter: each is read (ISO/IEC 18004, 7.8).
MASK = 2


def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of a QR code, row by row, True for dark; a light margin of 4 belongs around it.

    Error correction is of level M, 15 % of the code may be unreadable, or of a higher one where the code
    does not grow by it: a check code fits into the smallest, 21 by 21, at level H, 30 %.

    Raises:
        SymbackpropError: the text is empty or too long for a QR code (about 2 300 letters).
    """
    import segno

    if not text:
        raise SymbackpropError("a QR code of nothing; expected a text")
    try:
        code = segno.make_qr(text, error="m", encoding=None if text.isascii() else "utf-8", mask=MASK)
    except segno.DataOverflowError:
        raise SymbackpropError(
            f"too long for a QR code: {len(text)} characters; expected at most 2300"
        ) from None
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)
