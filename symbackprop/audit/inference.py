"""Inferring the rounding convention of a page: the one that gives most of its figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..mistakes.sweep import Sweep
from ..numbers.digits import number_value
from ..numbers.rounding import Mode
from .audit_file import Figure
from .convention import CONVENTIONS, READOUTS, Convention, Digits, Inferred, family, usual_digits
from .page import Page
from .printing import as_convention_prints, is_nearest, prints
from .ways import Way, Ways

#: Displayed values are carried here and there if so many figures come from them that full precision does not
#: give; and they may be where no figure tells that they are not.
MIXED = 2

#: Quantities of a kind are rounded otherwise if so many figures say so, and none says the opposite.
OF_A_KIND = 3

#: What was computed for one convention, for the others.
Computed = dict[tuple[object, ...], Any]


def infer(sweep: Sweep, figures: Sequence[Figure]) -> Inferred:
    """Return the convention that gives most of the figures, the simplest of equally good ones."""
    kinds = [family(sweep.parts(figure.key)) for figure in figures]
    digits = usual_digits(figures, kinds)
    given: dict[Convention, list[bool]] = {}
    computed: Computed = {}
    for convention in CONVENTIONS:
        given[convention] = _given_by(sweep, figures, convention, digits, computed)
    longest = max((len(str(abs(figure.printed.written.n))) for figure in figures), default=0)
    for convention in READOUTS:
        assert convention.readout is not None
        if max(map(sum, given.values())) < len(figures) and convention.readout - 2 <= longest:
            given[convention] = _given_by(sweep, figures, convention, digits, computed)
    best = max(given, key=lambda convention: sum(given[convention]))
    other = replace(best, carry="shown" if best.carry == "exact" else "exact")
    if other not in given:
        given[other] = _given_by(sweep, figures, other, digits, computed)
    only_best = sum(a and not b for a, b in zip(given[best], given[other], strict=True))
    only_others = sum(b and not a for a, b in zip(given[best], given[other], strict=True))
    return Inferred(
        best,
        tuple((convention, sum(found)) for convention, found in given.items()),
        len(figures),
        best.carry == "exact" and (only_others >= MIXED or not only_best),
        _modes_by_kind(best, given, kinds),
        digits,
        _digits_of_rounded(sweep, figures, kinds) or digits,
    )


def _digits_of_rounded(sweep: Sweep, figures: Sequence[Figure], kinds: Sequence[str]) -> Digits | None:
    """Return how many digits those figures have that are no exact numbers: to so many others are rounded."""
    pairs = zip(figures, kinds, strict=True)
    rounded = [(figure, kind) for figure, kind in pairs if figure.printed.real != sweep.real(figure.key)]
    if not rounded:
        return None
    return usual_digits([figure for figure, _ in rounded], [kind for _, kind in rounded])


def _modes_by_kind(
    best: Convention, given: dict[Convention, list[bool]], kinds: Sequence[str]
) -> dict[str, Mode]:
    """Return the kinds of quantities that are rounded otherwise than the rest."""
    mode: Mode = "half_even" if best.mode == "truncate" else "truncate"
    other = replace(best, mode=mode)
    if other not in given:
        return {}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for kind, a, b in zip(kinds, given[best], given[other], strict=True):
        counts[kind][0] += a and not b
        counts[kind][1] += b and not a
    return {kind: mode for kind, (kept, lost) in counts.items() if lost >= OF_A_KIND and not kept}


def _given_by(
    sweep: Sweep, figures: Sequence[Figure], convention: Convention, digits: Digits, computed: Computed
) -> list[bool]:
    """Return which figures a convention gives, the page's own mistakes followed."""
    page = Page(sweep)
    clean: list[bool] = []
    given: list[bool] = []
    for place, figure in enumerate(figures):
        exact = sweep.real(figure.key)
        found = Way(exact, (), "exact") if prints(exact, figure, convention) else None
        if found is None:
            wrong = tuple(at for at, fine in enumerate(clean) if not fine)
            tried = _tried(Ways(page, figure.key, digits), place, convention, wrong, computed)
            found = next((way for way in tried if prints(way.real, figure, convention)), None)
        given.append(found is not None)
        clean.append(
            is_nearest(exact, figure) or (found is not None and all(clean[at] for at in found.reads))
        )
        if clean[-1]:
            page.add(place, figure, exact)
        else:
            mended = number_value(as_convention_prints(exact, figure, convention))
            page.add(place, figure, figure.printed.real, mended)
    return given


def _tried(
    ways: Ways, place: int, convention: Convention, wrong: tuple[int, ...], computed: Computed
) -> Iterator[Way]:
    """Yield the ways to a figure under a convention, each computed once for all conventions."""
    if convention.carry == "exact":
        unrounded = (place, "unrounded", wrong)
        if unrounded not in computed:
            computed[unrounded] = ways.unrounded()
        if computed[unrounded] is not None:
            yield computed[unrounded]
        return
    printed = (place, "printed")
    if printed not in computed:
        computed[printed] = ways.printed()
    if computed[printed] is not None:
        yield computed[printed]
    others = (place, "others", convention.mode == "truncate", wrong)
    if others not in computed:
        computed[others] = tuple(ways.others(convention.mode))
    yield from computed[others]
