"""The audit: each printed figure judged in the order of the page, then the wrong ones explained."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flint import ctx

from ..collector import collector_paused
from ..derivation.solving import complete, derive
from ..formulas.terms import Number
from ..mistakes.explaining import MOST_LISTED, Explanation, Wanted, cell, explain, printed_alike
from ..mistakes.hypotheses import Family, Habits
from ..mistakes.sweep import Sweep
from ..numbers.digits import Real, Undecided, number_value, show
from ..numbers.rounding import Mode, Rounding
from ..spec.problem import Problem
from .audit_file import AuditRequest, Figure, unknown_quantity
from .clues import SLIPS, earlier_prints, goes_on, programs, slips_undone, undone, with_slip
from .convention import CONVENTIONS, READOUTS, Convention, Digits, Inferred, usual_digits
from .page import Page
from .ways import Way, Ways

Verdict = Literal["right", "convention", "inherited", "own", "unexplained"]

#: How often what was learnt about a hand is used to look again at what is still unexplained.
ROUNDS = 2


@dataclass(frozen=True)
class Finding:
    """What is found about one figure.

    right: the right number at the digits that are printed. came_from: the places of the wrong figures that it inherits
    from. explanations: what explains a wrong figure, most likely first.
    """

    figure: Figure
    verdict: Verdict
    right: Number
    came_from: tuple[int, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    how: str = ""

    @property
    def wrong(self) -> bool:
        """Whether the figure is wrong, by itself or by inheritance."""
        return self.verdict not in ("right", "convention")

    @property
    def explanation(self) -> Explanation | None:
        """What explains the figure, where that is certain enough to be said."""
        return next((found for found in self.explanations if found.confident), None)


@dataclass(frozen=True)
class Audit:
    """Every figure with what is found about it, and the rounding convention of all."""

    request: AuditRequest
    problem: Problem
    sweep: Sweep
    convention: Inferred
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The wrong figures."""
        return tuple(finding for finding in self.findings if finding.wrong)

    def counts(self) -> dict[Verdict, int]:
        """Return how many figures have each verdict."""
        made = Counter(finding.verdict for finding in self.findings)
        kinds: tuple[Verdict, ...] = ("right", "convention", "inherited", "own", "unexplained")
        return {kind: made.get(kind, 0) for kind in kinds}


def audit_request(request: AuditRequest) -> Audit:
    """Return the audit of what is asked for.

    Raises:
        ProblemError: a figure is about a quantity that the problem does not have.
    """
    graph, ledger = derive(request.problem)
    complete(graph, ledger)
    sweep = Sweep(ledger, graph, request.problem)
    for place, figure in enumerate(request.figures):
        if not sweep.known(figure.key):
            known = [name for name in ledger.all_keys() if sweep.known(name)]
            raise unknown_quantity(request, figure, known, place)
    with collector_paused(), ctx.workprec(ledger.bits):
        inferred = infer(sweep, request.figures)
        findings = _Judging(sweep, request.figures, inferred).all()
    return Audit(request, request.problem, sweep, inferred, tuple(findings))


# --- the convention --------------------------------------------------------------------------


def infer(sweep: Sweep, figures: Sequence[Figure]) -> Inferred:
    """Return the convention that gives most of the figures."""
    kinds = [sweep.parts(figure.key).kind for figure in figures]
    digits = usual_digits(figures, kinds)
    given: dict[Convention, list[bool]] = {}
    cache: dict[tuple[object, ...], Any] = {}
    for convention in CONVENTIONS:
        given[convention] = _given_by(sweep, figures, convention, digits, cache)
    scores = {convention: sum(found) for convention, found in given.items()}
    longest = max((len(str(abs(figure.printed.written.n))) for figure in figures), default=0)
    for convention in READOUTS:
        assert convention.readout is not None
        if max(scores.values()) < len(figures) and convention.readout - 2 <= longest:
            given[convention] = _given_by(sweep, figures, convention, digits, cache)
            scores[convention] = sum(given[convention])
    best = max(scores, key=lambda convention: scores[convention])
    other_carry = replace(best, carry="shown" if best.carry == "exact" else "exact")
    decisive = sum(b and not a for a, b in zip(given[best], given[other_carry], strict=True))
    modes: dict[str, Mode] = {}
    if best.readout is None:
        other = replace(best, mode="truncate" if best.mode != "truncate" else "half_even")
        by_kind: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for kind, a, b in zip(kinds, given[best], given[other], strict=True):
            by_kind[kind][0] += a and not b
            by_kind[kind][1] += b and not a
        modes = {kind: other.mode for kind, (kept, lost) in by_kind.items() if lost >= 3 and not kept}
    return Inferred(
        best,
        tuple(scores.items()),
        len(figures),
        best.carry == "exact" and decisive >= 2,
        modes,
        digits,
    )


def _given_by(
    sweep: Sweep,
    figures: Sequence[Figure],
    convention: Convention,
    digits: Digits,
    cache: dict[tuple[object, ...], Any],
) -> list[bool]:
    """Return which figures a convention gives, the page's own mistakes followed."""
    page = Page(sweep)
    clean: list[bool] = []
    given: list[bool] = []
    for place, figure in enumerate(figures):
        exact = sweep.real(figure.key)
        fits = _alike(exact, figure, convention)
        found = Way(exact, (), "exact") if fits else None
        if found is None:
            ways = Ways(page, figure.key, digits)
            wrong = tuple(at for at, fine in enumerate(clean) if not fine)
            tried = _tried(ways, place, convention, wrong, cache)
            found = next((way for way in tried if _alike(way.real, figure, convention)), None)
        given.append(found is not None)
        right = _right(exact, figure)
        fine = right or (found is not None and all(clean[at] for at in found.reads))
        clean.append(fine)
        if fine:
            page.add(place, figure, exact)
        else:
            page.add(place, figure, figure.printed.real, number_value(shown_right(exact, figure, convention)))
    return given


def _tried(
    ways: Ways,
    place: int,
    convention: Convention,
    wrong: tuple[int, ...],
    cache: dict[tuple[object, ...], Any],
) -> Iterator[Way]:
    """Yield the ways to a figure under a convention, each computed once for all conventions."""
    if convention.carry == "exact":
        key = (place, "unrounded", wrong)
        if key not in cache:
            cache[key] = ways.unrounded()
        if cache[key] is not None:
            yield cache[key]
        return
    key = (place, "printed")
    if key not in cache:
        cache[key] = ways.printed()
    if cache[key] is not None:
        yield cache[key]
    key = (place, "others", convention.mode, wrong)
    if key not in cache:
        cache[key] = tuple(ways.others(convention.mode))
    yield from cache[key]


def shown_right(real: Real, figure: Figure, convention: Convention) -> Number:
    """Return a value as the convention prints it at a figure's digits."""
    unit = figure.printed.written.unit
    whole = unit > 0
    rounding = Rounding(
        0 if whole else -unit,
        "places",
        convention.mode,
        convention.readout,
        "keep",
        unit if whole else None,
        None,
    )
    try:
        return show(real, rounding)
    except Undecided:
        return show(real, replace(rounding, mode="half_even", readout=None))


def _alike(real: Real, figure: Figure, convention: Convention, mode: Mode | None = None) -> bool:
    if figure.printed.fraction:
        return real == figure.printed.real
    written, readout = figure.printed.written, convention.readout
    if readout is not None and len(str(abs(written.n))) > readout:
        readout = None  # more digits than the read-out has: not from the calculator
    try:
        return printed_alike(real, written, mode or convention.mode, readout)
    except Undecided:
        return False


def _right(real: Real, figure: Figure) -> bool:
    """Return whether a figure is its quantity rounded to nearest."""
    if figure.printed.fraction:
        return real == figure.printed.real
    return any(_rounds(real, figure, mode) for mode in ("half_even", "half_up"))


def _rounds(real: Real, figure: Figure, mode: Mode) -> bool:
    try:
        return printed_alike(real, figure.printed.written, mode)
    except Undecided:
        return False


# --- the verdicts ----------------------------------------------------------------------------


@dataclass
class _Judging:
    sweep: Sweep
    figures: Sequence[Figure]
    inferred: Inferred
    pages: list[Page] = field(default_factory=list)

    def all(self) -> list[Finding]:
        """Return the findings, figure by figure."""
        first = self._pass({}, Habits())
        mode = self.inferred.convention.mode
        clues = programs(self.sweep, first, mode)
        findings = self._pass(clues, Habits(), explaining=True)
        for _ in range(ROUNDS):
            again = [place for place, found in enumerate(findings) if found.verdict == "unexplained"]
            if not again:
                break
            certain = [
                sure.hypothesis.changes
                for found in findings
                if (sure := found.explanation) is not None and sure.hypothesis.corroborated
            ]
            if certain:
                clues = programs(self.sweep, findings, mode, certain)
            more = self._again(findings, again, clues)
            if more == findings:
                break
            findings = more
        return findings

    def _pass(
        self, clues: dict[int, list[Family]], habits: Habits, *, explaining: bool = False
    ) -> list[Finding]:
        page, corrected = Page(self.sweep), Page(self.sweep)
        findings: list[Finding] = []
        self.pages = []
        for place, figure in enumerate(self.figures):
            ways = Ways(page, figure.key, self.inferred.digits)
            finding, unrounded = self._judged(place, figure, ways, Ways(corrected, figure.key), findings)
            if explaining and finding.verdict == "unexplained":
                finding = self._explained(place, finding, page, findings, clues, habits)
                sure = finding.explanation
                if sure is not None:
                    unrounded = sure.value if not sure.hypothesis.sign < 0 else figure.printed.real
            findings.append(finding)
            page.add(place, figure, unrounded, self._mended(finding))
            corrected.add(place, self._corrected(figure, Ways(corrected, figure.key)), self.sweep.real(figure.key))
        return findings

    def _corrected(self, figure: Figure, ways: Ways) -> Figure:
        """Return a figure as it would be printed had nobody made a mistake."""
        way = (ways.printed() if self.inferred.convention.carry == "shown" else None) or ways.exact()
        number = shown_right(way.real, figure, self.inferred.convention)
        from .printed import read_printed

        return replace(figure, printed=read_printed(str(number)))

    def _mended(self, finding: Finding) -> Real | None:
        """Return what should be printed in the place of a wrong figure."""
        if not finding.wrong:
            return None
        figure = finding.figure
        return number_value(shown_right(self.sweep.real(figure.key), figure, self.inferred.convention))

    def _judged(
        self, place: int, figure: Figure, ways: Ways, corrected: Ways, before: Sequence[Finding]
    ) -> tuple[Finding, Real]:
        """Return a finding without explanations, and what the figure was before rounding."""
        convention, exact = self.inferred.convention, ways.exact()
        kind = self.sweep.parts(figure.key).kind
        mode = self.inferred.mode_of(kind)
        right = self._right_number(exact.real, figure)

        def fits(way: Way | None) -> bool:
            return way is not None and _alike(way.real, figure, convention, mode)

        def clean(way: Way) -> bool:
            return not any(before[at].wrong for at in way.reads)

        if _right(exact.real, figure):
            return Finding(figure, "right", right), exact.real
        displayed = convention.carry == "shown" or self.inferred.mixed
        main = [exact, *((ways.printed(),) if displayed else ()), ways.unrounded()]
        without = (corrected.printed() if convention.carry == "shown" else None) or exact
        if fits(without) or any(fits(way) and clean(way) for way in main if way is not None):
            return Finding(figure, "convention", right), exact.real
        others = list(ways.others(mode))
        if displayed and any(fits(way) and clean(way) for way in others):
            return Finding(figure, "convention", right), exact.real
        first = [ways.printed(), ways.unrounded()]
        inheriting = [*(first if convention.carry == "shown" else reversed(first)), *others]
        for rounding in (mode, "half_even", "truncate"):
            for way in inheriting[: None if rounding == mode else 2]:
                if way is None or clean(way) or not _alike(way.real, figure, convention, rounding):  # type: ignore[arg-type]
                    continue
                wrong = tuple(at for at in way.reads if before[at].wrong)
                return Finding(figure, "inherited", right, wrong, how=way.how), way.real
        return Finding(figure, "unexplained", right), figure.printed.real

    def _right_number(self, real: Real, figure: Figure) -> Number:
        unit = figure.printed.written.unit
        if figure.printed.fraction:
            return show(real, Rounding(10, "significant"))
        exponent = figure.printed.number.exponent
        if exponent is not None:
            return show(real, Rounding(max(exponent - unit, 0), "places", exponent=exponent, zeros="keep"))
        return show(real, Rounding(max(-unit, 0), "places", zeros="keep", scientific_below=None))

    # --- explanations ------------------------------------------------------------------------

    def _explained(
        self,
        place: int,
        finding: Finding,
        page: Page,
        before: Sequence[Finding],
        clues: dict[int, list[Family]],
        habits: Habits,
    ) -> Finding:
        figure, convention = finding.figure, self.inferred.convention
        kind = self.sweep.parts(figure.key).kind
        ways = Ways(page, figure.key, self.inferred.digits)
        latest = ways.latest
        readings = [ways.reading(latest), ways.reading(latest, unrounded=True), ways.reading({})]
        if convention.carry == "exact" and not self.inferred.mixed:
            readings[:2] = readings[1::-1]
        read = ways.read_by(readings[0], latest)
        if not read:
            readings = readings[-1:]
        mode = self.inferred.mode_of(kind)
        wanted = Wanted(
            figure.key,
            figure.printed.written,
            mode,
            convention.readout,
            self._right_cells(figure, ways),
            self.sweep.values[figure.key],
        )
        more = [
            *clues.get(place, ()),
            *slips_undone(self.sweep, figure, ways, before),
            *earlier_prints(page, figure, readings[0]),
        ]
        found = tuple(explain(wanted, readings, habits=habits, more=more))
        sure = any(explanation.confident for explanation in found)
        return replace(finding, verdict="own" if sure else "unexplained", explanations=found)

    def _right_cells(self, figure: Figure, ways: Ways) -> frozenset[int]:
        """Return the numbers, in units of the figure's last digit, that would not be wrong."""
        cells = set()
        for way in (ways.exact(), ways.printed(), ways.unrounded()):
            if way is not None:
                try:
                    cells.add(cell(way.real, figure.printed.written.unit, self.inferred.convention.mode))
                    cells.add(cell(way.real, figure.printed.written.unit, "half_even"))
                except Undecided:
                    continue
        return frozenset(cells)

    def _again(
        self, findings: list[Finding], places: Sequence[int], clues: dict[int, list[Family]]
    ) -> list[Finding]:
        """Look again at what is unexplained, with what is known by now about the hand."""
        habits = habits_of(self.sweep, findings)
        if not habits.made:
            return findings
        page = Page(self.sweep)
        result: list[Finding] = []
        for place, (figure, finding) in enumerate(zip(self.figures, findings, strict=True)):
            if place in places:
                finding = self._explained(place, finding, page, result, clues, habits)
                if finding.explanation is None:
                    finding = self._slipped(place, finding, page, [*result, *findings[place:]], habits)
            result.append(finding)
            page.add(place, figure, self._unrounded(finding), self._mended(finding))
        return result

    def _slipped(
        self, place: int, finding: Finding, page: Page, findings: Sequence[Finding], habits: Habits
    ) -> Finding:
        """Explain what a figure was before a slip of the hand, if later figures go on with that."""
        figure = finding.figure
        for name, sign, shift in SLIPS:
            before = undone(figure, sign, shift)
            if not goes_on(self.sweep, self.figures, findings, place, before, self.inferred.mode_of):
                continue
            other = replace(figure, printed=before)
            found = self._explained(place, replace(finding, figure=other), page, findings, {}, habits)
            made = tuple(
                with_slip(explanation, name, sign, shift, figure.printed.written)
                for explanation in found.explanations
            )
            if any(explanation.confident for explanation in made):
                return replace(finding, verdict="own", explanations=(*made, *finding.explanations)[:MOST_LISTED])
        return finding

    def _unrounded(self, finding: Finding) -> Real:
        sure = finding.explanation
        if not finding.wrong:
            return self.sweep.real(finding.figure.key)
        if sure is not None and sure.hypothesis.sign > 0 and not sure.hypothesis.shift:
            return sure.value
        return finding.figure.printed.real


def habits_of(sweep: Sweep, findings: Sequence[Finding]) -> Habits:
    """Return what the explained figures say about the hand that made them."""
    made: Counter[str] = Counter()
    confused: set[frozenset[str]] = set()
    for finding in findings:
        sure = finding.explanation
        if sure is None:
            continue
        made.update(sure.mistakes)
        about = sure.hypothesis.about
        if len(about) == 2:
            confused.add(frozenset(sweep.parts(name).subject for name in about))
    return Habits(dict(made), frozenset(pair for pair in confused if len(pair) == 2))
