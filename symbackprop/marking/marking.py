"""Marking a paper: each answer held against what is right, a wrong one against what follows from own ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from flint import fmpq

from ..formulas.terms import Number
from ..numbers.digits import Real
from ..numbers.rounding import Rounding
from .accepting import Interval, as_rational, printed
from .dependence import Dependence, base
from .diagnosing import Library, Slip, diagnose
from .following import Consequence, Own, consequences
from .holding import ALL, NOTHING, Held, coarser, hold, hold_short, read_out
from .paper import Paper, Question, Scheme, Solved
from .plausibility import implausible
from .reading import Ambiguous, Blank, Reading, Unreadable, Written, read_answers
from .result import Compared, Marked, Marking, Status


def mark(
    paper: Paper, answers: Mapping[str, str], scheme: Scheme = Scheme(), library: Library | None = None
) -> Marking:
    """Return a paper marked.

    Args:
        paper: the student's sheet.
        answers: the texts, by item number or quantity key; a question without one is blank.
        scheme: how answers are marked.
        library: the mistakes that wrong answers are held against; None leaves the diagnosis out.
    """
    texts = {
        question.item: answers.get(question.item, answers.get(question.key, ""))
        for question in paper.questions
    }
    style = paper.style
    readings = read_answers(texts, scheme.decimal_mark or style.decimal)
    marked: dict[str, Marked] = {}
    for part, solved in enumerate(paper.parts):
        own = [question for question in paper.questions if question.part == part]
        marked.update(_Part(solved, own, scheme, library).marked(readings))
    items = tuple(marked[question.item] for question in paper.questions)
    return Marking(paper.student, paper.name, paper.code, items, style)


class _Part:
    """The questions of one problem as they are marked, the own answers collected on the way."""

    def __init__(
        self, solved: Solved, questions: list[Question], scheme: Scheme, library: Library | None
    ) -> None:
        self.solved, self.questions, self.scheme, self.mistakes = solved, questions, scheme, library
        # a quantity that is asked a second time, under another rounding, is no step of its own
        self.first = {base(question.key): question for question in reversed(questions)}
        self.own: dict[str, Own] = {}
        self.emptied: dict[str, str] = {}  # by quantity: why nothing is earned from its answer
        self.spreads: dict[str, fmpq] = {}  # by quantity: how far rounded answers may have moved it

    @cached_property
    def dependence(self) -> Dependence:
        """How the quantities depend on one another; needed only where an answer is wrong."""
        places = {key: self.questions.index(question) for key, question in self.first.items()}
        return Dependence(self.solved, dict(sorted(places.items(), key=lambda item: item[1])))

    def marked(self, readings: Mapping[str, Reading]) -> dict[str, Marked]:
        """Return every marked answer by its item number."""
        found = {
            question.item: self._by_itself(question, readings[question.item]) for question in self.questions
        }
        if all(marked.status != "wrong" for marked in found.values()):
            return found
        for key in self.dependence.order:  # each after those that it may have been worked out from
            item = self.first[key].item
            found[item] = marked = self._after_others(found[item])
            if isinstance(marked.reading, Written):
                right = marked.status in ("right", "carried", "tolerance", "fewer_digits")
                self.own[key] = Own(item, marked.reading, right)
                if marked.emptied:
                    self.emptied[key] = marked.emptied
        for question in self.questions:
            if self.first[base(question.key)] is not question:
                found[question.item] = self._after_others(found[question.item])
        return found

    def _by_itself(self, question: Question, reading: Reading) -> Marked:
        """Mark an answer by what is right, whatever else its writer answered."""
        rounding = self.solved.ledger.policy.of(question.key)
        answer = printed(self.solved.ledger, question.key, rounding=rounding)
        name = self.solved.ledger.term(base(question.key))
        if isinstance(reading, Blank | Unreadable):
            status: Status = "blank" if isinstance(reading, Blank) else "unreadable"
            return Marked(question, name, reading, status, NOTHING, answer, ())
        if isinstance(reading, Ambiguous):
            held = [hold(question, self.solved, one, self.scheme) for one in reading.readings]
            fits = any(one.status != "wrong" for one in held)
            compared = tuple(dict.fromkeys(record for one in held for record in one.compared))
            status = "ambiguous" if fits else "wrong"
            return Marked(question, name, reading, status, NOTHING, answer, compared)
        one = hold(question, self.solved, reading, self.scheme)
        points = one.share * question.points
        return Marked(question, name, reading, one.status, points, answer, one.compared)

    def _after_others(self, marked: Marked) -> Marked:
        """Mark an answer that is wrong by itself by what follows from the ones before it."""
        if marked.status != "wrong":
            return marked
        question, reading, compared = marked.question, marked.reading, list(marked.compared)
        if isinstance(reading, Ambiguous):
            fits = any(self._follow(question, one, compared).status != "wrong" for one in reading.readings)
            records = tuple(dict.fromkeys(compared))
            return replace(marked, status="ambiguous" if fits else "wrong", compared=records)
        assert isinstance(reading, Written)
        held = self._follow(question, reading, compared)
        found = replace(
            marked, status=held.status, points=held.share * question.points, compared=tuple(compared)
        )
        if held.status != "wrong":
            return found
        emptied = self._emptied(question, reading.value, compared)
        return replace(found, emptied=emptied, slips=self._slips(question, reading))

    def _slips(self, question: Question, written: Written) -> tuple[Slip, ...]:
        """Return the mistakes that give a wrong answer, compared at the digits it has if they are fewer."""
        if self.mistakes is None:
            return ()
        key, ledger = base(question.key), self.solved.ledger
        asked = ledger.policy.of(question.key)
        coarse = coarser(written, printed(ledger, question.key, rounding=asked), asked)
        rounding, value = (asked, read_out(written, asked)) if coarse is None else (coarse, written.value)
        own = {other: one for other, one in self.own.items() if other != key}
        nearest = self.dependence.sources(key, own)
        spread = self.spreads.get(key, fmpq(0))
        return diagnose(key, value, self.solved, own, nearest, self.mistakes, rounding, spread)

    def _follow(self, question: Question, written: Written, compared: list[Compared]) -> Held:
        """Hold an answer against what follows from earlier ones, then to as few digits as it has."""
        rounding = self.solved.ledger.policy.of(question.key)
        found = self._held(question, rounding, read_out(written, rounding), compared)
        if found.status != "wrong":
            return found
        short = hold_short(question, self.solved, written, self.scheme)
        compared += short.compared
        if short.status != "wrong" or not short.compared or not self.scheme.fewer_digits:
            return short
        coarse = coarser(written, printed(self.solved.ledger, question.key, rounding=rounding), rounding)
        assert coarse is not None
        found = self._held(question, coarse, written.value, compared)
        return replace(found, share=found.share * self.scheme.fewer_digits)

    def _held(
        self, question: Question, rounding: Rounding, value: Fraction, compared: list[Compared]
    ) -> Held:
        """Hold a number against each consequence of the student's own earlier answers, until it fits."""
        key = base(question.key)
        usable = {other: own for other, own in self.own.items() if other != key}
        seen: set[tuple[Number, Interval, tuple[str, ...]]] = set()
        denied: dict[tuple[str, ...], str] = {}  # by answers: what one way denies, no other grants
        for found in consequences(key, usable, self.dependence, rounding) if usable else ():
            identity = (found.shown, found.interval, found.answers)
            if identity in seen:
                continue
            seen.add(identity)
            self.spreads[key] = max(found.spread, self.spreads.get(key, found.spread))
            fits = value in found.interval
            wrong = [other for other in found.answers if not self.own[other].right]
            but = denied.get(found.answers, "") if fits else ""
            if fits and wrong and not but:
                but = denied[found.answers] = self._denied(question, found, wrong)
            used = {self.own[other].item for other in found.answers}
            items = tuple(question.item for question in self.questions if question.item in used)
            against = f"what follows from the answers to {', '.join(items)}, {found.way}"
            compared.append(Compared(against, found.shown, found.interval, fits, items, but))
            if fits and not wrong:
                return Held("carried", ALL, ())
            if fits and not but:
                own = question.follow_through
                return Held("follow_through", self.scheme.follow_through if own is None else own, ())
        return Held("wrong", NOTHING, ())

    def _denied(self, question: Question, found: Consequence, wrong: list[str]) -> str:
        """Return why an answer that follows from wrong ones earns nothing, "" if it does earn.

        The reason is that of the first answer that left nothing to work out, however far back.
        """
        for other in wrong:
            if other in self.emptied:
                return self.emptied[other]
        return self._implausible(question, found.value)

    def _emptied(self, question: Question, value: Fraction, compared: list[Compared]) -> str:
        """Return why nothing downstream of a wrong answer earns marks, "" if what follows from it may."""
        denied = next((record.but for record in compared if record.but), "")
        return denied or self._implausible(question, as_rational(value))

    def _implausible(self, question: Question, value: Real) -> str:
        key = base(question.key)
        right = self.dependence.right(key)
        reason = implausible(key, value, right, self.solved.graph, self.scheme.magnitude)
        return f"{question.item} leaves nothing to work out: {reason}" if reason else ""
