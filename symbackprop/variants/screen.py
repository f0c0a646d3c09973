"""The screen: the formulas by which a draw is judged, evaluated in balls and in nothing else.

It is derived once from the problem, in plain steps with full precision carried, so that which numbers a
student gets depends on no notation. Balls are as quick here as doubles, and give every machine the same
verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from flint import ctx, fmpq

from ..collector import collector_paused
from ..derivation.forms import Rewriter
from ..derivation.ledger import START_BITS, Ledger
from ..derivation.solving import certified_epochs, complete, give, sweep_all
from ..formulas.terms import keys
from ..keys import key, parse_key, plain
from ..network.graph import Graph, build_graph
from ..notation.presets import PRESETS
from ..notation.vocabulary import Vocabulary
from ..numbers.digits import Undecided
from ..numbers.evaluate import RealTable, Unknown, check_size, evaluate_real, trimmed
from ..showing import selection_of
from ..spec.problem import Problem
from .refusal import VariationError

#: The kinds of quantity by which a draw is judged whatever is asked for.
JUDGED = frozenset({"net", "act", "dact_dnet", "error", "loss", "clipped", "clip_factor"})


class Screen:
    """The formulas of one structure that its conditions and its answers need, in order.

    graph: its operations. asked: the keys of the answers. own: the values of the problem's own numbers.
    computable: the units whose activation is given although their net input can be computed.
    """

    def __init__(self, problem: Problem, asked: Iterable[str] | None, *, strict: bool = True) -> None:
        """Derive the formulas.

        strict: everything that is asked for has to be there; else what is not there is not asked.

        Raises:
            VariationError: a quantity that is asked for is none of this problem.
        """
        wanted = None if asked is None else [plain(text) for text in asked]
        self.problem = problem
        self.graph, ledger = _derived(problem, wanted or ())
        self.asked = tuple(
            _usual(problem, ledger) if wanted is None else _checked(wanted, ledger, strict=strict)
        )
        judged = [text for text in ledger if _is_judged(text)]
        self.formulas = {text: ledger.computing(text) for text in _needed(ledger, [*judged, *self.asked])}
        given = (text for text in ledger.all_keys() if ledger.given(text) is not None)
        self._given = {text: ledger.values[text].real for text in given}
        self.own = self.run({})
        self.computable = tuple(
            unit
            for unit in problem.given
            if ledger.known(key("net", unit))
            and ledger.computing(key("net", unit)) is ledger.formulas[key("net", unit)]
        )

    def run(self, numbers: Mapping[str, fmpq]) -> RealTable:
        """Return every value for other given numbers; what balls of this precision do not decide is left out.

        Raises:
            NoValue: a formula has no value for them.
        """
        reals = RealTable(self._given)
        reals.update(numbers)
        with ctx.workprec(START_BITS):
            for text, formula in self.formulas.items():
                try:
                    real = evaluate_real(formula, reals)
                    if type(real) is fmpq:
                        real = trimmed(real)
                    check_size(real)
                except (Unknown, Undecided):
                    continue
                reals[text] = real
        return reals


def _derived(problem: Problem, wanted: Sequence[str]) -> tuple[Graph, Ledger]:
    """Return the graph and the ledger of a problem in plain steps, as far as something is wanted of it.

    That is of one epoch, or of all; and complete only where it has to be.
    """
    if not any(map(_is_later, wanted)):
        problem = replace(problem, epochs=1, descent=replace(problem.descent, updates=None))
    notation = replace(PRESETS["z-a"], form="steps")
    with collector_paused(), ctx.workprec(START_BITS):
        graph = build_graph(problem)
        rewriter = Rewriter(notation.form, graph.receivers, graph.fan_out, graph.joint)
        policy = replace(problem.rounding, carry="exact")
        ledger = Ledger(Vocabulary(problem, notation, certified_epochs(problem)), policy, rewriter)
        give(problem, graph, ledger)
        sweep_all(graph, ledger, parts=False)
        if any(text not in ledger for text in wanted):
            complete(graph, ledger)
    return graph, ledger


def _usual(problem: Problem, ledger: Ledger) -> Iterator[str]:
    """Yield what a sheet shows of the first pass, from net inputs to new parameters."""
    selection = selection_of(problem)
    omitted = frozenset(selection.omitted)
    if selection.restricted:
        omitted |= {name for name, place in selection.parameters.items() if place != "derived"}
    by_data = {key("dE_dtarget", name[7:]) if name.startswith("target.") else key("dE_dact", name)
               for name in problem.wrt}  # fmt: skip
    for text in ledger:
        parts = parse_key(text)
        first = parts.passes == 0 and not parts.through
        shown = parts.kind in ("net", "act") or text == "loss"
        if parts.kind in ("grad", "new"):
            shown = parts.subject not in omitted and parts.sample is None
        if parts.kind in ("dE_dact", "dE_dtarget"):
            shown = key(parts.kind, parts.subject) in by_data
        if first and shown and ledger.known(text):
            yield text


def _checked(wanted: Iterable[str], ledger: Ledger, *, strict: bool) -> Iterator[str]:
    for text in wanted:
        if text not in ledger and strict:
            near = get_close_matches(text, ledger.all_keys(), 3)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise VariationError(f"no quantity {text!r} to ask for{hint}")
        if text in ledger.formulas and ledger.known(text):
            yield text


def _is_later(text: str) -> bool:
    return parse_key(text).passes > 1


def _is_judged(text: str) -> bool:
    parts = parse_key(text)
    return parts.passes == 0 and (parts.kind in JUDGED or parts.subject in JUDGED)


def _needed(ledger: Ledger, wanted: Iterable[str]) -> list[str]:
    """Return the quantities that others are computed from, and these, in the ledger's order."""
    found: set[str] = set()
    pending = list(wanted)
    while pending:
        text = pending.pop()
        if text not in found and text in ledger.formulas:
            found.add(text)
            pending.extend(keys(ledger.computing(text)))
    return [text for text in ledger if text in found]
