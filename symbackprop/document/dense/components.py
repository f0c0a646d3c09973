"""The backward pass component by component, hidden weights by one chain per output error."""

from __future__ import annotations

from collections.abc import Sequence

from ...derivation.forms import chain_rule, simplified
from ...formulas.terms import Group, Number, Partial, Product, Sum, Symbol, Term, Underbrace, rebuild
from ...keys import key, parse_key
from ...rules import loss_rule
from ...spec.problem import Bias, Weight
from .. import update_wording, wording
from ..blocks import Line, Reference
from ..sheet import Lines, Sheet, line, operator
from .backward_pass import add_rest
from .error_terms import (
    add_reused,
    add_table_of_terms,
    add_value,
    by_note,
    collect_error_terms,
    tables_of_terms,
)
from .shown import shown_at
from .slopes import add_slopes

#: A chain of more factors than this has its product set apart from its components.
SHORT_CHAIN = 3

#: More references than this are given as a range.
FEW_REFERENCES = 4


def add_components(sheet: Sheet) -> None:
    """Add one section per layer: chain, components one by one, putting them together, update."""
    problem = sheet.problem
    for index in range(len(problem.layers) - 1, 0, -1):
        shown = shown_at(sheet, index)
        if not shown.listed:
            continue
        sheet.section("Backward pass: ", wording.layer_title(problem, index))
        activation = problem.layers[index].activation
        assert activation is not None
        if shown.derived:
            add_slopes(sheet, [activation])
        listed = shown.derived if sheet.selection.is_short else shown.listed
        add_reused(sheet, listed)
        _add_reused_parts(sheet, listed)
        for parameter in shown.derived:
            _add_parameter(sheet, parameter)
        add_rest(sheet, shown)


def _add_reused_parts(sheet: Sheet, parameters: Sequence[Weight | Bias]) -> None:
    """Add the derivatives of single output errors that the chains of a layer begin with."""
    wanted: dict[str, None] = {}
    for parameter in parameters:
        for part in sheet.ledger.uses(key("grad", parameter.name)):
            if parse_key(part).through:
                collect_error_terms(sheet, part, wanted)
    tables = tables_of_terms(sheet, list(wanted))
    for quantity in wanted:
        if quantity in tables:
            if tables[quantity]:
                add_table_of_terms(sheet, tables[quantity])
            continue
        first = sheet.first_time("reused parts")
        lines = Lines(sheet, *(("One error at a time, used again below",) if first else ()))
        chain = retarget(sheet, sheet.chain(quantity), parse_key(quantity).through)
        lines.add(sheet.term(quantity), ("=", chain))
        add_value(sheet, lines, quantity, formula=False)
        lines.finish()


def _add_parameter(sheet: Sheet, parameter: Weight | Bias) -> None:
    gradient = key("grad", parameter.name)
    parts = [part for part in sheet.ledger.uses(gradient) if parse_key(part).through]
    own = sheet.term(parameter.name)
    title: tuple[str | Term, ...] = (f"{wording.parameter_kind(parameter, sheet.problem)} ", own)
    if parts:
        if sheet.first_time("one chain per error"):
            sheet.text(
                "A parameter of this layer acts on the errors of all outputs. Each error is differentiated "
                "by itself, and the results are added."
            )
        for part in parts:
            _add_chain(sheet, part, (*title, ", through ", sheet.term(key("error", parse_key(part).through))))
        lines = Lines(sheet, *title, ", together")
        lines.derive(gradient, note=_from_note(sheet, parts))
    else:
        lines = _add_chain(sheet, gradient, title, finish=False)
    new = sheet.ledger.vocabulary.parameter(parameter.name, 1)
    if new in sheet.ledger and sheet.problem.descent.inline:
        lines.derive(
            new, note=line(update_wording.direction(sheet.problem)) if sheet.first_time("update") else ()
        )
    lines.finish()


def _add_chain(sheet: Sheet, gradient: str, title: tuple[str | Term, ...], *, finish: bool = True) -> Lines:
    """Add one chain: its rule, then each component, then their product."""
    if gradient not in sheet.ledger.formulas:
        lines = Lines(sheet, *title)
        lines.derive(gradient)
        return lines
    formula = sheet.ledger.formulas[gradient]
    through = parse_key(gradient).through
    left = sheet.term(gradient)
    lines = Lines(sheet, *title)
    lines.add(left, ("=", retarget(sheet, chain_rule(formula), through)), note=_chain_note(sheet, through))
    factors = formula.factors if isinstance(formula, Product) else (formula,)
    note = line("putting the components together")
    if not all(isinstance(factor, Partial | Underbrace) for factor in factors):
        note = by_note(sheet, gradient) or note
    else:
        for position, factor in enumerate(factors, start=1):
            _add_component(sheet, lines, factor, position, through)
        if len(factors) > SHORT_CHAIN:
            lines.finish()
            lines = Lines(sheet)
    lines.add(left, ("=", _bracketed(sheet, formula)), note=note)
    if sheet.known(gradient):
        numbers = sheet.substituted(simplified(formula))
        lines.add(None, ("=", numbers), ("=", sheet.result(gradient)), result=gradient)
    if finish:
        lines.finish()
    return lines


def _add_component(sheet: Sheet, lines: Lines, factor: Term, position: int, through: str) -> None:
    """Add one factor of a chain: derived where it is new, looked up where it has been found."""
    label = factor.label if isinstance(factor, Underbrace) else factor
    assert isinstance(label, Partial)
    left = retarget(sheet, label, through)
    found = sheet.references([label.key])
    if label.key and label.key not in sheet.ledger.formulas:
        lines.add(left, ("=", sheet.value(label.key)), note=line(f"component {position}, given"))
        return
    if found:
        note = line(f"component {position}, found as ", found[0][1])
        lines.add(left, ("=", sheet.value(label.key)), note=note)
        return
    reason = _reason(sheet, label)
    note = line(f"component {position}" + (": " if reason else ""), *reason)
    inner = sheet.formula(label.key) if label.key else simplified(factor)
    new = sheet.first_time(f"component {label}")
    chain = [("=", operator(_differentiated(sheet, label), label.by))] if new else []
    if isinstance(inner, Number) and label.key and sheet.known(label.key):  # a slope of 1
        lines.add(left, *chain, ("=", sheet.result(label.key)), result=label.key, note=note)
        return
    numbers = sheet.substituted(inner)
    lines.add(
        left,
        *chain,
        ("=", inner),
        *([("=", numbers)] if not label.key and numbers != inner else []),
        note=note,
    )
    if label.key and sheet.known(label.key):
        lines.add(None, *sheet.worked(label.key), result=label.key, note=sheet.case_note(label.key))


def _differentiated(sheet: Sheet, label: Partial) -> Term:
    """Return the expression that a component differentiates, written out."""
    parts = parse_key(label.key) if label.key else None
    if parts is not None and parts.kind == "dE_dact":
        error = str(parts._replace(kind="error"))
        return sheet.formula_around(error if error in sheet.ledger else "loss", label.by)
    if parts is not None and parts.kind == "dact_dnet":
        return sheet.activation_formula(parts.subject, str(parts._replace(kind="act", through="")))
    of = getattr(label.of, "key", "")
    if of not in sheet.ledger:
        return label.of
    return sheet.formula_around(of, label.by, keep_ones=sheet.notation.bias_factor)


def _reason(sheet: Sheet, label: Partial) -> list[str | Term]:
    parts = parse_key(label.key) if label.key else None
    if parts is not None and parts.kind == "dE_dact" and sheet.first_time("loss derivative"):
        reason = loss_rule(sheet.problem.loss).because
        if len(sheet.problem.outputs) == 1:
            return [reason]
        return ["only ", sheet.term(str(parts._replace(kind="error"))), " contains this output; ", reason]
    if parts is None and sheet.first_time("affine"):
        return ["only the term with ", label.by, " depends on it"]
    return []


def _chain_note(sheet: Sheet, through: str) -> Line:
    if not through:
        return ()
    return line("the way from ", sheet.term(key("error", through)), " back to the weight")


def _from_note(sheet: Sheet, parts: list[str]) -> Line:
    references = [reference for _, reference in sheet.references(parts)]
    words: list[str | Term | Reference] = ["from "]
    if len(references) > FEW_REFERENCES:
        return line("from ", references[0], " to ", references[-1])
    for index, reference in enumerate(references):
        if index:
            words.append(" and " if index == len(references) - 1 else ", ")
        words.append(reference)
    return line(*words)


def _bracketed(sheet: Sheet, formula: Term) -> Term:
    """Return a product of components in symbols, each written out, in square brackets where set so."""
    if not isinstance(formula, Product):
        return simplified(formula)
    written = [
        sheet.formula(factor.key) if isinstance(factor, Partial) and factor.key else simplified(factor)
        for factor in formula.factors
    ]
    if sheet.notation.factor_brackets:
        written = [Group(item, "square") if isinstance(item, Sum | Product) else item for item in written]
    return Product(tuple(written), sheet.notation.factor_sign)


def retarget(sheet: Sheet, term: Term, through: str) -> Term:
    """Return the term with derivatives of the whole error turned into those of one output's error.

    Both are the same number where the output has no part in the other errors.
    """
    if not through:
        return term
    whole, error = sheet.term("loss"), sheet.term(key("error", through))
    if isinstance(term, Partial) and isinstance(term.of, Symbol) and term.of == whole:
        return Partial(error, term.by, term.key)
    return rebuild(term, lambda child: retarget(sheet, child, through))
