"""A sheet in the making: numbered results, sections, derivations laid out to the width of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from ..derivation.forms import chain_rule, common_factor_out, simplified
from ..derivation.ledger import Ledger, as_written
from ..formulas.terms import Call, Negation, Number, Partial, Result, Sum, Term
from ..keys import parse_key
from ..network.graph import Graph, operands
from ..network.operations import Activation, Node, UnitActivation
from ..notation.notation import Notation
from ..numbers.digits import Undecided
from ..numbers.evaluate import NoValue, evaluate
from ..rules import activation_rule, is_layer_activation, layer_rule
from ..showing import selection_of
from ..spec.problem import Problem
from .blocks import Block, Derivation, Heading, Line, Math, MathStyle, Paragraph, Reference, Row, Table, Text
from .layout.alignment import with_points_aligned
from .layout.breaking import elide, elide_around, lay_out
from .layout.width import left_width

#: Width in em of the column of equations, beside which the notes stand.
EQUATIONS = 33.2

#: Sums of more terms than this are shown with dots between their first terms and the last.
LONG_SUM = 8

#: More reasons than this for the cases that hold are left to the reader.
MOST_REASONS = 2


def line(*parts: str | Term | Reference) -> Line:
    """Return a line of text from strings, terms and references."""
    return tuple(
        Text(part) if isinstance(part, str) else part if isinstance(part, Reference) else Math(part)
        for part in parts
        if part != ""
    )


class Sheet:
    """Collects the blocks of a document and numbers its results.

    It reads the ledger and never computes: what is shown of a quantity is one of the readings of
    its formula (`chain`, `formula`, `numbers`) and its printed value (`value`).
    """

    def __init__(self, problem: Problem, graph: Graph, ledger: Ledger) -> None:
        """Start an empty sheet."""
        self.problem, self.graph, self.ledger = problem, graph, ledger
        self.style = MathStyle(
            exp=self.notation.exp,  # type: ignore[arg-type]
            number_sign=self.notation.number_sign,  # type: ignore[arg-type]
            decimal=self.notation.decimal,  # type: ignore[arg-type]
            total=self.notation.derivative == "total",
        )
        self.selection = selection_of(problem)
        self.blocks: list[Block] = []
        self._numbers: dict[str, int] = {}
        self._last_number = 0
        self._sections = 0
        self.explained: set[str] = set()  # reasons given once are not given again

    @property
    def notation(self) -> Notation:
        """The notation of the sheet."""
        return self.ledger.vocabulary.notation

    # --- blocks -----------------------------------------------------------------------------

    def section(self, *title: str | Term) -> None:
        """Begin a numbered section."""
        self._sections += 1
        self.blocks.append(Heading(1, line(*title), str(self._sections)))

    def part(self, *title: str | Term) -> None:
        """Begin a part of a section."""
        self.blocks.append(Heading(2, line(*title)))

    def text(self, *parts: str | Term | Reference, small: bool = False) -> None:
        """Add a paragraph."""
        self.blocks.append(Paragraph(line(*parts), small))

    def add(self, block: Block) -> None:
        """Add a finished block."""
        self.blocks.append(with_points_aligned(block) if isinstance(block, Table) else block)

    def first_time(self, reason: str) -> bool:
        """Return whether this is the first time that a reason is asked for."""
        if reason in self.explained:
            return False
        self.explained.add(reason)
        return True

    # --- references -------------------------------------------------------------------------

    def number(self, key: str) -> int:
        """Give a result the next number."""
        if key not in self._numbers:
            self._last_number += 1
            self._numbers[key] = self._last_number
        return self._numbers[key]

    def number_together(self, keys: Iterable[str]) -> None:
        """Let the number of the first of several quantities, shown as one matrix, stand for all of them."""
        first, *others = keys
        for key in others:
            self._numbers.setdefault(key, self._numbers[first])

    def numbered(self, key: str) -> bool:
        """Return whether a quantity has been shown as a numbered result."""
        return key in self._numbers

    def references(self, keys: Iterable[str]) -> list[tuple[str, Reference]]:
        """Return those of the quantities that have a number, with a link to it."""
        return [(key, Reference(self._numbers[key])) for key in keys if key in self._numbers]

    # --- readings of a quantity -------------------------------------------------------------

    def term(self, key: str) -> Term:
        """Return the printed term of a quantity."""
        return self.ledger.term(key)

    def chain(self, key: str) -> Term:
        """Return the chain rule of a derivative in symbols."""
        if key not in self.ledger.formulas:
            return self.term(key)
        return elide(chain_rule(self.ledger.formulas[key]), LONG_SUM)

    def formula(self, key: str, *, keep_ones: bool = False) -> Term:
        """Return a quantity's formula; a given quantity is its own."""
        if key not in self.ledger.formulas:
            return self.term(key)
        return elide(common_factor_out(simplified(self.ledger.formulas[key], keep_ones=keep_ones)), LONG_SUM)

    def formula_around(self, key: str, by: Term, *, keep_ones: bool = False) -> Term:
        """Return a quantity's formula, of a long sum what is needed to differentiate it by a quantity."""
        formula = common_factor_out(simplified(self.ledger.formulas[key], keep_ones=keep_ones))
        return elide_around(formula, getattr(by, "key", ""), LONG_SUM + 1)

    def numbers(self, key: str) -> Term:
        """Return a quantity's formula with every known number substituted."""
        return self.substituted(self.formula(key, keep_ones=self._keeps_ones(key)))

    def worked(self, key: str) -> list[tuple[str, Term]]:
        """Return `= numbers = result` of a known quantity, or the result alone."""
        numbers = self.numbers(key)
        while isinstance(numbers, Sum) and len(numbers.terms) == 1:  # E = E_1 of a single output
            (numbers,) = numbers.terms
        single = isinstance(numbers, Number) or _looks_like(numbers, self.value(key))
        steps: list[tuple[str, Term]] = [] if single else [("=", numbers)]
        return [*steps, ("=", self.result(key))]

    def substituted(self, term: Term) -> Term:
        """Return a formula with the known numbers substituted; of its cases the one that holds remains."""
        return self.ledger.substituted(term)

    def value(self, key: str) -> Term:
        """Return a quantity's printed value."""
        return as_written(self.ledger.shown(key))

    def result(self, key: str) -> Term:
        """Return a quantity's printed value in its box."""
        return Result(self.value(key))

    def known(self, key: str) -> bool:
        """Return whether a quantity has a value."""
        return self.ledger.known(key)

    def case_note(self, key: str, before: Line = ()) -> Line:
        """Return "here z > 0" after another note: why the numbers have the case that they have."""
        found = self.ledger.reasons(key)
        if not self.known(key) or not 0 < len(found) <= MOST_REASONS:
            return before
        parts: list[str | Term] = ["; here " if before else "here "]
        for index, reason in enumerate(found):
            parts += [" and " if index else "", reason]
        return (*before, *line(*parts))

    def is_zero(self, term: Term) -> bool:
        """Return whether a term is known to be exactly zero."""
        try:
            return evaluate(term, self.ledger.values).exact == 0
        except (NoValue, Undecided):
            return False

    def _keeps_ones(self, key: str) -> bool:
        return self.notation.bias_factor and parse_key(key).kind == "net"

    def again(self, key: str) -> list[tuple[str, Term]]:
        """Return the second roundings of a quantity that differ from its first."""
        shown = str(self.ledger.shown(key))
        found = []
        for other in self.problem.rounding.again:
            if other.partition("~")[0] == key:
                number = self.ledger.shown_again(other)
                if str(number) != shown:
                    found.append(("approx", as_written(number)))
        return found

    def activation_formula(self, unit: str, key: str) -> Term:
        """Return f(z) of a unit written out, also where its activation is given."""
        if key in self.ledger.formulas:
            return self.formula(key)
        activation, parts = self.activation_of(unit), parse_key(key)
        if is_layer_activation(activation):
            units = next(layer.units for layer in self.problem.layers if unit in layer.units)
            nets = [self.term(str(parts._replace(kind="net", subject=other))) for other in units]
            return layer_rule(activation).formula(units.index(unit), nets)
        return activation_rule(activation).formula(
            self.term(str(parts._replace(kind="net"))), activation.settings
        )

    def activation_of(self, unit: str) -> Activation:
        """Return the activation function of a unit."""
        return self._activations[unit]

    @cached_property
    def _activations(self) -> Mapping[str, Activation]:
        found = {op.unit: op.activation for op in self.graph.operations if isinstance(op, UnitActivation)}
        for layer in self.problem.layers[1:]:
            if layer.activation is not None:
                found |= dict.fromkeys(layer.units, layer.activation)
        return found

    @cached_property
    def users(self) -> Mapping[str, int]:
        """How many operations use each quantity, by its key in the first pass."""
        return Counter(used for operation in self.graph.operations for used in set(operands(operation)))

    @cached_property
    def slopes(self) -> Mapping[str, tuple[str, ...]]:
        """By quantity, in the first pass, why the nodes that use it have the derivatives that they have."""
        found: dict[str, dict[str, None]] = {}
        for operation in self.graph.operations:
            if isinstance(operation, Node) and operation.slope:
                for used in operands(operation):
                    found.setdefault(used, {})[operation.slope] = None
        return {used: tuple(reasons) for used, reasons in found.items()}

    def activation_call(self, key: str, net: Term) -> Term | None:
        """Return sigma(z) where the activation function of a unit has a letter."""
        parts = parse_key(key)
        activation = self.activation_of(parts.subject)
        if is_layer_activation(activation):
            return None
        letter = self.notation.names.get("activation") or activation_rule(activation).letter
        return None if letter is None else Call(letter.base, (net,), letter)


class Lines:
    """The lines of one derivation, laid out when it is finished."""

    def __init__(self, sheet: Sheet, *title: str | Term) -> None:
        """Start a derivation, with a title or without."""
        self._sheet = sheet
        self._title = line(*title)
        self._lines: list[tuple[Term | None, list[tuple[str, Term]], str, Line]] = []

    def add(
        self,
        left: Term | None,
        *chain: tuple[str, Term],
        result: str = "",
        note: Line = (),
    ) -> None:
        """Add a logical line `left = a = b`; `result` is the key of the quantity it ends in."""
        self._lines.append((left, list(chain), result, note))

    def derive(
        self, key: str, *, note: Line = (), symbols: bool = True, left: Term | None = None, cases: bool = True
    ) -> None:
        """Add a quantity: formula, numbers, result; with `cases` the reason for the case that holds."""
        sheet = self._sheet
        left = sheet.term(key) if left is None else left
        if key not in sheet.ledger.formulas:
            self.add(left, ("=", sheet.result(key)), result=key, note=note or line("given"))
            return
        formula, numbers = sheet.formula(key, keep_ones=sheet._keeps_ones(key)), sheet.numbers(key)
        if not sheet.known(key):
            self.add(left, ("=", formula), note=note)
            if numbers != formula:
                self.add(None, ("=", numbers))
            return
        ending = [*sheet.worked(key), *sheet.again(key)]
        if symbols:
            self.add(left, ("=", formula), note=note)
            self.add(None, *ending, result=key, note=sheet.case_note(key) if cases else ())
        else:
            self.add(left, *ending, result=key, note=sheet.case_note(key, note) if cases else note)

    @property
    def started(self) -> bool:
        """Whether there is any line."""
        return bool(self._lines)

    def finish(self) -> Derivation:
        """Lay the lines out, add the derivation to the sheet and return it."""
        sheet = self._sheet
        left = left_width([left for left, _, _, _ in self._lines if left is not None], sheet.style)
        rows: list[Row] = []
        for term, chain, result, note in self._lines:
            rows += lay_out(
                term,
                chain,
                available=EQUATIONS,
                left_width=left,
                style=sheet.style,
                number=sheet.number(result) if result else None,
                note=note,
            )
        derivation = Derivation(tuple(rows), self._title)
        sheet.add(derivation)
        return derivation


def _looks_like(term: Term, value: Term) -> bool:
    """Return whether minus a number is printed as the result is."""
    if not (isinstance(term, Negation) and isinstance(term.term, Number) and isinstance(value, Number)):
        return False
    return value.negative and value.magnitude == term.term


def operator(of: Term, by: Term) -> Partial:
    """Return the derivative of an expression, to be printed as an operator before it."""
    return Partial(of, by)
