"""Values as they are filled in: runs of characters of one font, some of them raised."""

from __future__ import annotations

from dataclasses import dataclass

from ..formulas.terms import Number
from .glyphs import Font
from ..document.marks import NoForm, Place

#: Size of an exponent beside its base's, and how much higher it stands, in em of the base.
SMALLER, HIGHER = 0.7, 0.36

#: Room on either side of a sign between factors, in thousandths of an em.
AROUND_TIMES = 222


@dataclass(frozen=True, slots=True)
class Run:
    """A value to be filled in: its text, an exponent if there is one, and how it is said."""

    text: str
    exponent: str = ""
    says: str = ""

    @property
    def plain(self) -> bool:
        """Whether it is a decimal, whose point stands below others."""
        return not self.exponent


def run_of(number: Number, decimal: str, says: str) -> Run:
    """Return a number as a run.

    Arguments:
        number: a decimal, perhaps times a power of ten.
        decimal: the decimal mark.
        says: how it is read aloud.

    Raises:
        NoForm: it is a fraction.
    """
    if "/" in number.text:
        raise NoForm("a fraction has two lines")
    text = _signed(number.text).replace(".", decimal)
    return Run(text, "" if number.exponent is None else _signed(str(number.exponent)), says)


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as a page shows it: in which font and size, how wide, and how wide before its point."""

    font: Font
    name: bytes
    size: float
    width: float
    before_point: float


def written(run: Run, mark: Mark, place: Place, sign: str) -> bytes:
    """Return the operators that show a run in the place of a mark, inside an array of TJ; they end as wide.

    Arguments:
        run: the value.
        mark: the mark, as it stands on the page.
        place: how the value stands there.
        sign: the sign between a number and a power of ten.

    Raises:
        NoForm: a character is not in the font.
    """
    font = mark.font
    codes = font.encoded(run.text)
    before = _width(font, codes)
    base: list[int] = []
    raised: list[int] = []
    natural = before
    if run.exponent:
        base = [*font.encoded(sign), *font.encoded("10")]
        raised = font.encoded(run.exponent)
        natural += 2 * AROUND_TIMES + _width(font, base) + SMALLER * _width(font, raised)
    scale = min(1.0, round(place.room * 1000 / natural, 2)) if place.room else 1.0
    free = mark.width - scale * natural
    start = {"left": 0.0, "center": free / 2, "right": free}.get(place.side)
    if start is None:
        start = mark.before_point - _before_point(run, font, codes) if run.plain else free
    out = [_moved(start)]
    if scale != 1.0:
        out.append(b"]TJ %s %.4g Tf[" % (mark.name, mark.size * scale))
    out.append(_shown(codes))
    if run.exponent:
        times, ten = base[: len(sign)], base[len(sign) :]
        size = mark.size * scale
        out += [_moved(AROUND_TIMES), _shown(times), _moved(AROUND_TIMES), _shown(ten)]
        out.append(b"]TJ %s %.4g Tf %.4g Ts[" % (mark.name, size * SMALLER, size * HIGHER))
        out.append(_shown(raised))
        out.append(b"]TJ 0 Ts %s %.4g Tf[" % (mark.name, size))
    if scale != 1.0:
        out.append(b"]TJ %s %.4g Tf[" % (mark.name, mark.size))
    out.append(_moved(free - start))
    return b"".join(out)


def _before_point(run: Run, font: Font, codes: list[int]) -> float:
    at = next((place for place, letter in enumerate(run.text) if letter in ".,"), len(codes))
    return _width(font, codes[:at])


def _width(font: Font, codes: list[int]) -> float:
    return sum(map(font.width, codes))


def _shown(codes: list[int]) -> bytes:
    return b"<%s>" % "".join([f"{code:04x}" for code in codes]).encode()


def _moved(thousandths: float) -> bytes:
    """Return a move to the right; TJ takes it with the opposite sign (ISO 32000-1, 9.4.3)."""
    return b"" if abs(thousandths) < 0.05 else b"%.6g " % -thousandths
