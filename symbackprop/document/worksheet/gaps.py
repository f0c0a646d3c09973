"""Gaps in the place of numbers and formulas, each with what belongs there.

What is seen of a sheet must not depend on what is asked. So a gap has a width of its own, whatever belongs
there; and of a value by cases not even which case holds can be seen. What belongs into a gap for a number is
the quantity by its key: the number itself is looked up when a key is written (`filling`). What belongs into a
gap for a formula is the formula without keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...derivation.ledger import Ledger, as_written
from ...formulas.brackets import arrange
from ...formulas.names import Name
from ...formulas.terms import Blank, Call, Cases, Number, Partial, Result, Symbol, Term, keys, walk
from ...numbers.rounding import RoundingPolicy
from ..blocks import MathStyle
from ..layout.width import width

#: How wide a gap for a number that is given is, and the narrowest one for a result, in em.
GAP, RESULT_GAP = 4.8, 5.8

#: What stays free in a box beside what fills it, in em.
PADDING = 0.3

#: How much wider a hand writes than a page prints; what of that stands beside the frame, not in it, in em.
HAND, BESIDE = 1.25, 0.2


@dataclass(frozen=True, slots=True)
class Gaps:
    """What makes the gaps of one task.

    visible: whether a quantity may be seen: it is given, or worked out on the sheet.
    """

    ledger: Ledger
    style: MathStyle
    visible: Callable[[str], bool]

    def result(self, key: str) -> Blank:
        """Return the gap of a result."""
        return Blank(self.ledger.term(key), self.width_of(key))

    def width_of(self, key: str) -> float:
        """Return how wide the gap of a result is: by its rounding alone."""
        return max(RESULT_GAP, round(HAND * widest(self.ledger.policy, key, self.style) - BESIDE, 1))

    def numbers(self, formula: Term, *, every: bool) -> Term:
        """Return a formula with numbers for what can be seen, and gaps for the others or for `every` one."""

        def visit(node: Term) -> Term:
            if isinstance(node, Symbol | Partial) and node.key:
                if not self.ledger.known(node.key):
                    return node
                seen = self.visible(node.key) and not every
                return as_written(self.ledger.shown(node.key)) if seen else Blank(node, self.gap_of(node.key))
            if isinstance(node, Cases):
                seen = not every and all(map(self.visible, keys(node)))
                return self.ledger.substituted(node) if seen else Blank(node, self._gap_for_cases(node))
            changed = node.rebuilt(visit)
            if isinstance(changed, Call) and changed.function == "exp" and _has_gap(changed):
                return replace(changed, name=EXP)
            return changed

        return visit(formula)

    def _gap_for_cases(self, cases: Cases) -> float:
        """Return how wide a gap for a value by cases is: as the widest needs, which says nothing."""
        written = (self.numbers(value, every=True) for value in cases.values)
        return max(self.gap_of(""), *(round(width(arrange(value), self.style), 1) for value in written))

    def fill(self, gap: Blank) -> Result:
        """Return what belongs into a gap in a box of its width, set smaller where it is wider than that."""
        answer = self.ledger.substituted(gap.answer)
        natural = width(arrange(answer, self.style.number_sign), self.style)
        scale = min(1.0, round((gap.width - PADDING) / natural, 2)) if natural else 1.0
        return Result(answer, gap.width, gap.height, scale)

    def fits(self, key: str, room: float) -> bool:
        """Return whether a quantity is a plain number that fits into a gap of a width as it is."""
        number = self.ledger.shown(key)
        if number.exponent is not None or "/" in number.text:
            return False
        return width(arrange(number, self.style.number_sign), self.style) <= room - PADDING

    def gap_of(self, key: str) -> float:
        """Return how wide a gap inside a line is: by the rounding of the quantity that belongs there."""
        if key and self.ledger.given(key) is not None:
            return GAP
        return max(GAP, round(1.1 * widest(self.ledger.policy, key, self.style) - BESIDE, 1))


#: A gap cannot be written into as an exponent: where there is one, exp stands for the power of e.
EXP = Name("exp")


def _has_gap(term: Term) -> bool:
    return any(isinstance(part, Blank) for part in walk(term))


def widest(policy: RoundingPolicy, key: str, style: MathStyle) -> float:
    """Return the width of the widest number that the rounding of a quantity usually prints, in em."""
    rounding = policy.of(key)
    digits, places = rounding.digits, rounding.kind == "places"
    plain = Number(f"-88.{'8' * digits}" if places else f"-0.00{'8' * digits}", rounding.exponent)
    printed = [plain]
    if rounding.exponent is None and rounding.scientific_below is not None:
        printed.append(
            Number(f"-8.{'8' * (digits if places else digits - 1)}", rounding.scientific_below - 1)
        )
    return max(width(arrange(number, style.number_sign), style) for number in printed)


def in_symbols(term: Term) -> Term:
    """Return a formula that stands for itself and for no number: without keys."""
    bare = term.rebuilt(in_symbols)
    return replace(bare, key="") if isinstance(bare, Symbol | Partial) and bare.key else bare


def without_gaps(term: Term) -> Term:
    """Return a term with what belongs into its gaps in their place: what a whole line holds."""
    return without_gaps(term.answer) if isinstance(term, Blank) else term.rebuilt(without_gaps)
