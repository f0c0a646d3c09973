"""The backward pass component by component, hidden weights by one chain per output error."""

from __future__ import annotations

from ..forms import chain_rule, simplified
from ..keys import key, parse_key
from ..spec.problem import Bias, Weight
from ..terms import Partial, Product, Sum, Symbol, Term, Underbrace, rebuild
from . import wording
from .backward_pass import MANY_PARAMETERS, REPRESENTATIVES, add_gradient_table, add_reused, trained_at
from .blocks import Line, Reference
from .sheet import Lines, Sheet, line, operator
from .slopes import add_slopes


def add_components(sheet: Sheet) -> None:
    """Add one section per layer: chain, components one by one, putting them together, update."""
    problem = sheet.problem
    for index in range(len(problem.layers) - 1, 0, -1):
        parameters = trained_at(problem, index)
        if not parameters:
            continue
        sheet.section("Backward pass: ", wording.layer_title(problem, index))
        activation = problem.layers[index].activation
        assert activation is not None
        add_slopes(sheet, [activation])
        add_reused(sheet, parameters)
        full = parameters if len(parameters) <= MANY_PARAMETERS else parameters[:REPRESENTATIVES]
        for parameter in full:
            _add_parameter(sheet, parameter)
        if len(full) < len(parameters):
            sheet.text("The other parameters of the layer in the same way:")
            add_gradient_table(sheet, parameters)


def _add_parameter(sheet: Sheet, parameter: Weight | Bias) -> None:
    gradient = key("grad", parameter.name)
    parts = [part for part in sheet.ledger.uses(gradient) if parse_key(part).through]
    title = (f"{wording.parameter_kind(parameter)} ", sheet.term(parameter.name))
    if not parts:
        sheet.part(*title)
        _add_chain(sheet, gradient)
        lines = Lines(sheet)
    else:
        sheet.part(*title)
        if sheet.first_time("one chain per error"):
            sheet.text(
                "The parameter acts on the errors of all outputs. Each error is differentiated by itself, "
                "and the results are added."
            )
        for part in parts:
            _add_chain(sheet, part)
        lines = Lines(sheet, "Putting the errors together")
        lines.derive(gradient, note=_from_note(sheet, parts))
    new = sheet.ledger.vocabulary.parameter(parameter.name, 1)
    if new in sheet.ledger:
        lines.derive(new, note=line("one step against the gradient") if sheet.first_time("update") else ())
    lines.finish()


def _add_chain(sheet: Sheet, gradient: str) -> None:
    """Add one chain: its rule, the components not seen before, the product of them all."""
    formula = sheet.ledger.formulas[gradient]
    through = parse_key(gradient).through
    left = sheet.term(gradient)
    lines = Lines(sheet)
    lines.add(left, ("=", retarget(sheet, chain_rule(formula), through)), note=_chain_note(sheet, through))
    lines.finish()
    components = _components(formula)
    if all(isinstance(component, Partial | Underbrace) for component in components):
        for position, component in enumerate(components, start=1):
            _add_component(sheet, component, position, through)
    together = Lines(sheet)
    together.add(left, ("=", _bracketed(sheet, formula)), note=line("putting the components together"))
    numbers = sheet.substituted(simplified(formula))
    together.add(None, ("=", numbers), ("=", sheet.result(gradient)), result=gradient)
    together.finish()


def _components(formula: Term) -> tuple[Term, ...]:
    return formula.factors if isinstance(formula, Product) else (formula,)


def _add_component(sheet: Sheet, component: Term, position: int, through: str) -> None:
    label = component.label if isinstance(component, Underbrace) else component
    assert isinstance(label, Partial)
    title = f"Component {position}"
    if label.key and sheet.numbered(label.key):
        ((_, reference),) = sheet.references([label.key])
        if sheet.first_time(f"component {label.key} {through}"):
            lines = Lines(sheet)
            shown = retarget(sheet, label, through)
            lines.add(
                shown, ("=", sheet.value(label.key)), note=line(f"component {position}, found as ", reference)
            )
            lines.finish()
        return
    if not sheet.first_time(f"component {label}"):
        return
    lines = Lines(sheet, title)
    expression = _differentiated(sheet, label, through)
    lines.add(
        retarget(sheet, label, through), ("=", operator(expression, label.by)), note=_reason(sheet, label)
    )
    if label.key:
        lines.add(None, ("=", sheet.formula(label.key)))
        lines.add(None, ("=", sheet.numbers(label.key)), ("=", sheet.result(label.key)), result=label.key)
    else:
        inner = simplified(component)
        lines.add(None, ("=", inner), ("=", sheet.substituted(inner)))
    lines.finish()


def _differentiated(sheet: Sheet, label: Partial, through: str) -> Term:
    """Return the expression that a component differentiates, written out."""
    kind = parse_key(label.key).kind if label.key else ""
    if kind == "dE_dact":
        output = parse_key(label.key).subject
        error = key("error", output)
        return sheet.formula(error if through else "loss") if error in sheet.ledger else sheet.formula("loss")
    of = getattr(label.of, "key", "")
    return sheet.formula(of, keep_ones=sheet.notation.bias_factor) if of in sheet.ledger else label.of


def _reason(sheet: Sheet, label: Partial) -> Line:
    from ..rules import loss_rule

    kind = parse_key(label.key).kind if label.key else ""
    if kind == "dE_dact" and sheet.first_time("loss derivative"):
        return line(loss_rule(sheet.problem.loss.kind).because)
    if not kind and sheet.first_time("affine"):
        return line("only the term with ", label.by, " depends on it")
    return ()


def _chain_note(sheet: Sheet, through: str) -> Line:
    if not through:
        return ()
    return line("the way from ", sheet.term(key("error", through)), " back to the weight")


def _from_note(sheet: Sheet, parts: list[str]) -> Line:
    references = [reference for _, reference in sheet.references(parts)]
    words: list[str | Term | Reference] = ["from "]
    for index, reference in enumerate(references):
        if index:
            words.append(" and " if index == len(references) - 1 else ", ")
        words.append(reference)
    return line(*words)


def _bracketed(sheet: Sheet, formula: Term) -> Term:
    """Return a product of components in symbols, each written out, in square brackets where set so."""
    from ..terms import Group

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
