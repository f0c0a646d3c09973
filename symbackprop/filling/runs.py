"""Values as they are filled in: runs of characters of one font, some of them raised."""

from __future__ import annotations

from dataclasses import dataclass

from ..document.marks import NoForm, Place
from ..formulas.terms import Number
from .glyphs import Font

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
    text, natural = mark.font.shown(run.text)
    power = _Power.of(run.exponent, mark.font, sign) if run.exponent else None
    if power is not None:
        natural += power.width
    room = 1000 * place.room
    scale = round(room / natural, 2) if 0 < room < natural else 1.0
    free = mark.width - scale * natural
    if place.side == "center":
        start = free / 2
    elif place.side == "right" or (place.side == "point" and power is not None):
        start = free
    elif place.side == "left":
        start = 0.0
    else:
        whole = run.text.replace(",", ".").partition(".")[0]
        start = mark.before_point - scale * mark.font.shown(whole)[1]
    if power is not None:
        text += power.shown(mark, scale)
    if scale != 1.0:
        text = b"]TJ%sTf[%s]TJ%sTf[" % (_type(mark, scale), text, _type(mark))
    return b"%s%s%s" % (_moved(start), text, _moved(free - start))


@dataclass(frozen=True, slots=True)
class _Power:
    """A power of ten, as a factor: the sign, the ten and the exponent, and how wide all of it is."""

    sign: bytes
    ten: bytes
    exponent: bytes
    width: float

    @classmethod
    def of(cls, exponent: str, font: Font, sign: str) -> _Power:
        (times, first), (ten, second), (raised, third) = map(font.shown, (sign, "10", exponent))
        return cls(times, ten, raised, 2 * AROUND_TIMES + first + second + SMALLER * third)

    def shown(self, mark: Mark, scale: float) -> bytes:
        apart = _moved(AROUND_TIMES)
        rise = mark.size * scale * HIGHER
        raised = b"]TJ%sTf %.4g Ts[%s]TJ 0 Ts" % (_type(mark, scale * SMALLER), rise, self.exponent)
        return b"".join((apart, self.sign, apart, self.ten, raised, _type(mark, scale), b"Tf["))


def _type(mark: Mark, scale: float = 1.0) -> bytes:
    return b"%s %.4g " % (mark.name, mark.size * scale)


def _moved(thousandths: float) -> bytes:
    """Return a move to the right; TJ takes it with the opposite sign (ISO 32000-1, 9.4.3)."""
    return b"" if -0.05 < thousandths < 0.05 else b"%.6g " % -thousandths
