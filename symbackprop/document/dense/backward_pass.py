"""The backward pass by whole chain rules, with or without error terms named delta."""

from __future__ import annotations

from collections.abc import Sequence

from ...derivation.forms import simplified
from ...derivation.penalties import data_loss
from ...formulas.terms import Partial, Product, Sum, Symbol, Term, Underbrace, Words, rebuild
from ...keys import key, parse_key
from ...network.operations import Activation
from ...spec.problem import Bias, Weight
from .. import update_wording, wording
from ..blocks import Line
from ..layout.breaking import elide
from ..layout.tables import in_columns
from ..sheet import LONG_SUM, Lines, Sheet, line, operator
from .error_terms import add_reused, add_value
from .shown import Shown, say_omitted, shown_at
from .slopes import add_slopes


def add_backward_pass(sheet: Sheet) -> None:
    """Add one section per layer, from the output back, each parameter by its chain rule."""
    problem = sheet.problem
    for index in range(len(problem.layers) - 1, 0, -1):
        shown = shown_at(sheet, index)
        if not shown.listed:
            continue
        sheet.section("Backward pass: ", wording.layer_title(problem, index))
        activation = problem.layers[index].activation
        assert activation is not None
        if index == len(problem.layers) - 1:
            sheet.text(
                "A gradient is a product along the way from the error back to the parameter, one factor "
                "for each step; where there are several ways, their products are added."
            )
        if shown.derived:
            add_slopes(sheet, [activation])
        if sheet.notation.form == "delta" and index == len(problem.layers) - 1:
            units = problem.layers[index].units
            short = sheet.selection.is_short
            _add_output_terms(
                sheet, sheet.selection.split_units(units).derived if short else units, activation
            )
        add_reused(sheet, shown.derived if sheet.selection.is_short else shown.listed)
        for parameter in shown.derived:
            _add_parameter(sheet, parameter, activation)
        add_rest(sheet, shown)


def _add_output_terms(sheet: Sheet, units: tuple[str, ...], activation: Activation) -> None:
    """Add dE/da and the error term of each output, which the delta form names."""
    for unit in units:
        title = (
            "Error at the output"
            if len(units) == 1
            else f"Error at {wording.unit_title(sheet.problem, unit).lower()}"
        )
        for sample in sheet.graph.samples:
            outward, net = key("dE_dact", unit, sample=sample), key("dE_dnet", unit, sample=sample)
            lines = Lines(sheet, title)
            if net not in sheet.ledger.formulas:
                lines.derive(net)
                lines.finish()
                continue
            if outward not in sheet.ledger.formulas and outward in sheet.ledger:
                lines.derive(outward)
            elif unit not in sheet.graph.joint:
                lines.add(
                    sheet.term(outward), ("=", _loss_operator(sheet, outward)), note=_because_loss(sheet)
                )
                known = sheet.known(outward)
                ending = sheet.worked(outward) if known else []
                note = sheet.case_note(outward)
                lines.add(
                    None, ("=", sheet.formula(outward)), *ending, result=outward if known else "", note=note
                )
            whole = sheet.term("loss")
            partial = Partial(whole, sheet.term(key("net", unit, sample=sample)))
            lines.add(
                sheet.term(net),
                ("=", partial),
                ("=", sheet.chain(net)),
                note=line("the error term: from here on it stands for this derivative"),
            )
            add_value(sheet, lines, net)
            lines.finish()


def _add_parameter(sheet: Sheet, parameter: Weight | Bias, activation: Activation) -> None:
    gradient = key("grad", parameter.name)
    own = sheet.term(parameter.name)
    lines = Lines(sheet, f"{wording.parameter_kind(parameter, sheet.problem)} ", own)
    if gradient in sheet.ledger.formulas:
        lines.add(sheet.term(gradient), ("=", sheet.chain(gradient)), note=paths_note(sheet, parameter))
        _add_factors(sheet, lines, gradient, parameter)
        shown = sheet.ledger.formulas[gradient]
        lines.add(sheet.term(gradient), ("=", elide(braced(shown), LONG_SUM)))
        add_value(sheet, lines, gradient, formula=False)
    else:
        lines.derive(gradient)
    new = sheet.ledger.vocabulary.parameter(parameter.name, 1)
    if new in sheet.ledger and sheet.problem.descent.inline:
        lines.derive(
            new, note=line(update_wording.direction(sheet.problem)) if sheet.first_time("update") else ()
        )
    lines.finish()


# --- the reasons ------------------------------------------------------------------------------


def paths_note(sheet: Sheet, parameter: Weight | Bias) -> Line:
    """Return why the chain rule has the terms that it has: through which units the parameter acts."""
    if len(sheet.graph.samples) > 1:
        return line("one term for each sample of the batch") if sheet.first_time("batch") else ()
    own = sheet.term(parameter.name)
    units = sheet.graph.receivers[parameter.name]
    if len(units) > 1:
        if not sheet.first_time(f"shared {parameter.name}"):
            return ()
        return line(
            own, f" is shared by {wording.count(len(units), 'unit')}: the sum of what comes through each"
        )
    (unit,) = units
    fed = [weight.target for weight in sheet.problem.connections if weight.source == unit]
    act = sheet.term(key("act", unit, sample=_first_sample(sheet)))
    if not fed:
        net = sheet.term(key("net", unit, sample=_first_sample(sheet)))
        return line(own, " reaches the error through ", net, " alone: one path")
    if len(fed) == 1:
        return line(act, " feeds one unit: one path")
    layer_of = {name: index for index, layer in enumerate(sheet.problem.layers) for name in layer.units}
    following = sheet.problem.layers[layer_of[unit] + 1 :]
    which = (
        "both units of the next layer, so both paths count"
        if following and len(fed) == 2 and set(fed) == set(following[0].units)
        else (f"{wording.count(len(fed), 'unit')}, so {wording.count(len(fed), 'path')} count")
    )
    return line(act, f" feeds {which}")


def _first_sample(sheet: Sheet) -> int | None:
    return sheet.graph.samples[0]


def _add_factors(sheet: Sheet, lines: Lines, gradient: str, parameter: Weight | Bias) -> None:
    """Derive the local derivatives in a gradient's formula that the sheet has not derived yet."""
    if len(sheet.graph.samples) > 1:
        return
    for brace in _braces(sheet.ledger.formulas[gradient]):
        label = brace.label
        if not isinstance(label, Partial) or not sheet.first_time(f"factor {label}"):
            continue
        kind = parse_key(label.key).kind if label.key else ""
        if kind == "dE_dact":
            lines.add(label, ("=", _loss_operator(sheet, label.key)), ("=", simplified(brace.term)),
                      note=_because_loss(sheet))  # fmt: skip
        elif kind == "dact_dnet":
            act = str(parse_key(label.key)._replace(kind="act"))
            source = sheet.activation_formula(parse_key(label.key).subject, act)
            lines.add(label, ("=", operator(source, label.by)), ("=", simplified(brace.term)))
        elif _is_penalty(brace):
            continue  # derived where the penalty is stated
        elif sheet.first_time(f"affine {type(parameter).__name__} {_is_source(label, parameter, sheet)}"):
            expression = sheet.formula_around(
                getattr(label.of, "key", ""), label.by, keep_ones=sheet.notation.bias_factor
            )
            note = line("only the term with ", label.by, " depends on it")
            lines.add(label, ("=", operator(expression, label.by)), ("=", brace.term), note=note)


def _is_source(label: Partial, parameter: Weight | Bias, sheet: Sheet) -> bool:
    return label.by != sheet.term(parameter.name)


def _braces(term: Term) -> list[Underbrace]:
    if isinstance(term, Underbrace):
        return [term]
    found: list[Underbrace] = []
    rebuild(term, lambda child: found.extend(_braces(child)) or child)  # type: ignore[func-returns-value]
    return found


def _loss_operator(sheet: Sheet, outward: str) -> Term:
    """Return d/do of the loss written out."""
    partial = sheet.term(outward)
    assert isinstance(partial, Partial)
    sample = parse_key(outward).sample
    return operator(sheet.formula_around(data_loss(sheet.graph, sample), partial.by), partial.by)


def _because_loss(sheet: Sheet) -> Line:
    from ...rules import loss_rule

    reason = loss_rule(sheet.problem.loss).because
    return line(reason) if sheet.first_time("loss derivative") else ()


def braced(term: Term) -> Term:
    """Return a gradient's formula with a name under each factor, and each path named as a whole."""
    if isinstance(term, Sum) and _is_penalty(term.terms[-1]):
        data = braced(term.terms[0] if len(term.terms) == 2 else Sum(term.terms[:-1]))
        return Sum((*(data.terms if isinstance(data, Sum) else (data,)), braced(term.terms[-1])))
    if isinstance(term, Sum):
        return Sum(tuple(_path(item) for item in term.terms))
    if isinstance(term, Product):
        return Product(tuple(braced(factor) for factor in term.factors), term.sign)
    if isinstance(term, Underbrace):
        return Underbrace(simplified(term.term, keep_ones=True), term.label)
    return term


def _is_penalty(term: Term) -> bool:
    """Return whether a term of a gradient is what the penalty adds."""
    label = term.label if isinstance(term, Underbrace) else None
    return isinstance(label, Partial) and getattr(label.of, "key", "").partition("@")[0] == "penalty"


def _path(term: Term) -> Term:
    """Return one term of a sum over paths with "through z" under it."""
    through = _error_term(term)
    if through is None:
        return simplified(term)
    return Underbrace(simplified(term), Product((Words("through"), through)))


def _error_term(term: Term) -> Term | None:
    if isinstance(term, Product) and term.factors:
        return _error_term(term.factors[0])
    if isinstance(term, Partial) and parse_key(term.key).kind == "dE_dnet":
        return term.by
    if isinstance(term, Symbol) and term.key.startswith("dE_dnet."):
        return term
    return None


def add_rest(sheet: Sheet, shown: Shown) -> None:
    """Add a table of the gradients of a layer where not all are derived, and say what it leaves out."""
    if shown.tabulated:
        what = "The other parameters of the layer" if shown.derived else "The gradients of this layer"
        sheet.text(f"{what} in the same way:")
        add_gradient_table(sheet, shown.tabulated)
    say_omitted(sheet, shown.omitted, "parameter")


def add_gradient_table(sheet: Sheet, parameters: Sequence[Weight | Bias]) -> None:
    """Add a table of gradients."""
    gradients = [(parameter.name, key("grad", parameter.name)) for parameter in parameters]
    pairs = [
        (line(sheet.term(name)), line(sheet.value(gradient)))
        for name, gradient in gradients
        if sheet.known(gradient)
    ]
    sheet.add(in_columns(pairs, (line("Parameter"), line("gradient"))))
