"""Judging the figures of a page in its order: right, by the convention, inherited, wrong by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..formulas.terms import Number
from ..mistakes.explaining import MOST_LISTED, explain, retold
from ..mistakes.explanation import Wanted, cell
from ..mistakes.hypothesis import Family, Habits
from ..mistakes.sweep import Sweep
from ..numbers.digits import Real, Undecided, number_value
from ..numbers.rounding import Mode
from .audit_file import Figure
from .clues import SLIPS, earlier_prints, goes_on, slips_undone, undone, with_slip
from .convention import Inferred, family
from .finding import Finding
from .leeway import within_leeway
from .page import Page
from .printed import read_printed
from .printing import as_convention_prints, as_it_should_be, is_nearest, prints
from .programs import programs
from .ways import Way, Ways

#: How often what was learnt about a hand is used to look again at what is still unexplained.
ROUNDS = 2

#: What other figures say about each, by place.
Clues = Mapping[int, Sequence[Family]]


@dataclass(frozen=True)
class Judging:
    """A page of figures under its convention."""

    sweep: Sweep
    figures: Sequence[Figure]
    inferred: Inferred

    def findings(self) -> list[Finding]:
        """Return what is found about each figure."""
        mode = self.inferred.convention.mode
        first = self._pass(None)
        if not any(finding.wrong for finding in first):
            return first
        findings = self._pass(programs(self.sweep, first, mode))
        for _ in range(ROUNDS):
            again = [place for place, found in enumerate(findings) if found.verdict == "unexplained"]
            habits = habits_of(self.sweep, findings)
            if not again or not habits.made:
                break
            certain = [
                sure.hypothesis.changes
                for found in findings
                if (sure := found.explanation) is not None and sure.hypothesis.corroborated
            ]
            more = self._again(findings, again, programs(self.sweep, findings, mode, certain), habits)
            if more == findings:
                break
            findings = more
        return findings

    def _pass(self, clues: Clues | None) -> list[Finding]:
        """Go through the page; with clues, wrong figures are explained as well."""
        page, corrected = Page(self.sweep), Page(self.sweep)
        findings: list[Finding] = []
        for place, figure in enumerate(self.figures):
            mended = Ways(corrected, figure.key)
            finding, unrounded = self._judged(
                figure, Ways(page, figure.key, self.inferred.digits), mended, findings
            )
            if clues is not None and finding.verdict == "unexplained":
                finding = self._explained(place, finding, page, findings, clues, Habits())
                unrounded = self._unrounded(finding)
            findings.append(finding)
            page.add(place, figure, unrounded, self._mended(finding))
            as_corrected = replace(figure, printed=read_printed(str(finding.corrected)))
            corrected.add(place, as_corrected, self.sweep.real(figure.key))
        return findings

    def _again(
        self, findings: list[Finding], places: Sequence[int], clues: Clues, habits: Habits
    ) -> list[Finding]:
        """Look again at what is unexplained, with what is known by now about the hand."""
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

    # --- what should stand on the page -----------------------------------------------------------

    def _corrected(self, way: Way, figure: Figure) -> Number:
        """Return what the page would show had nobody made a mistake, in the form of the figure."""
        return as_convention_prints(way.real, figure, self.inferred.convention)

    def _mended(self, finding: Finding) -> Real | None:
        """Return what should be printed in the place of a wrong figure."""
        if not finding.wrong:
            return None
        exact = self.sweep.real(finding.figure.key)
        return number_value(as_convention_prints(exact, finding.figure, self.inferred.convention))

    def _unrounded(self, finding: Finding) -> Real:
        """Return what a figure was before it was rounded, as far as that is known."""
        sure = finding.explanation
        if not finding.wrong:
            return self.sweep.real(finding.figure.key)
        if finding.way is not None:
            return finding.way.real
        if sure is not None and sure.hypothesis.sign > 0 and not sure.hypothesis.shift:
            return sure.value
        return finding.figure.printed.real

    # --- verdicts --------------------------------------------------------------------------------

    def _judged(
        self, figure: Figure, ways: Ways, corrected: Ways, before: Sequence[Finding]
    ) -> tuple[Finding, Real]:
        """Return a finding without explanations, and what the figure was before rounding."""
        convention, exact = self.inferred.convention, ways.exact()
        mode = self.inferred.mode_of(family(self.sweep.parts(figure.key)))
        right = as_it_should_be(exact.real, figure)
        mended = (corrected.printed() if convention.carry == "shown" else None) or exact
        shown = self._corrected(mended, figure)

        def clean(way: Way) -> bool:
            return not any(before[at].wrong for at in way.reads)

        def fits(way: Way | None) -> bool:
            return way is not None and clean(way) and prints(way.real, figure, convention, mode)

        if is_nearest(exact.real, figure):
            return Finding(figure, "right", right, shown), exact.real
        displayed = convention.carry == "shown" or self.inferred.mixed
        usual = [exact, mended, ways.unrounded()]
        if any(map(fits, [*usual, ways.printed() if displayed else None])):
            return Finding(figure, "convention", right, shown), exact.real
        others = list(ways.others(mode))
        if displayed and any(map(fits, others)):
            return Finding(figure, "convention", right, shown), exact.real
        line = corrected.printed() or mended
        first = [ways.printed(), ways.unrounded()]
        for way, rounding in self._inheriting(first, others, mode):
            if not clean(way) and prints(way.real, figure, convention, rounding):
                wrong = tuple(at for at in way.reads if before[at].wrong)
                found = Finding(figure, "inherited", right, shown, wrong, way=way, mended=line)
                return found, way.real
        at_fault = [at for at, found in enumerate(before) if found.wrong]
        if displayed and within_leeway(ways, figure, at_fault, self.inferred.rounded, mode):
            return Finding(figure, "convention", right, shown), exact.real
        return Finding(figure, "unexplained", right, shown, mended=line), figure.printed.real

    def _inheriting(
        self, first: Sequence[Way | None], others: Sequence[Way], mode: Mode
    ) -> list[tuple[Way, Mode]]:
        """Return the ways on which a figure may inherit, with how it is rounded; the hand's own first."""
        ordered = list(first if self.inferred.convention.carry == "shown" else reversed(first))
        found = [(way, mode) for way in (*ordered, *others) if way is not None]
        either: tuple[Mode, Mode] = ("half_even", "truncate")
        found += [(way, rounding) for rounding in either for way in ordered if way is not None]
        return found

    # --- explanations ----------------------------------------------------------------------------

    def _explained(
        self,
        place: int,
        finding: Finding,
        page: Page,
        before: Sequence[Finding],
        clues: Clues,
        habits: Habits,
    ) -> Finding:
        """Return a finding with what explains the figure."""
        figure, convention = finding.figure, self.inferred.convention
        ways = Ways(page, figure.key, self.inferred.digits)
        latest = ways.latest
        readings = [ways.reading(latest), ways.reading(latest, unrounded=True), ways.reading({})]
        if convention.carry == "exact" and not self.inferred.mixed:
            readings[:2] = readings[1::-1]
        if not ways.read_by(readings[0], latest):
            readings = readings[-1:]
        wanted = Wanted(
            figure.key,
            figure.printed.written,
            self.inferred.mode_of(family(self.sweep.parts(figure.key))),
            convention.readout,
            self._right_cells(figure, ways),
            self.sweep.values[figure.key],
        )
        more = [
            *clues.get(place, ()),
            *slips_undone(self.sweep, figure, ways, before),
            *earlier_prints(page, figure, readings[0]),
        ]
        on_the_page = ways.reading(latest)
        found = tuple(
            retold(explanation, wanted, on_the_page)
            for explanation in explain(wanted, readings, habits=habits, more=more)
        )
        sure = any(explanation.confident for explanation in found)
        return replace(finding, verdict="own" if sure else "unexplained", explanations=found)

    def _right_cells(self, figure: Figure, ways: Ways) -> frozenset[int]:
        """Return the numbers, in units of the figure's last digit, that would not be wrong."""
        cells = set()
        modes: tuple[Mode, Mode] = (self.inferred.convention.mode, "half_even")
        for way in (ways.exact(), ways.printed(), ways.unrounded()):
            for mode in modes if way is not None else ():
                try:
                    assert way is not None
                    cells.add(cell(way.real, figure.printed.written.unit, mode))
                except Undecided:
                    continue
        return frozenset(cells)

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
                return replace(
                    finding, verdict="own", explanations=(*made, *finding.explanations)[:MOST_LISTED]
                )
        return finding


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
