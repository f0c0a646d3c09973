"""What a sheet says of its conventions: index order, thresholds, the sign of error terms, samples."""

from __future__ import annotations

from collections.abc import Callable

from ..formulas.terms import Number, Term
from ..notation.naming import layer_number
from ..spec.problem import Weight
from .sheet import Sheet


def add_conventions(sheet: Sheet) -> None:
    """Add a paragraph on the conventions that a reader could take for others."""
    parts = [
        part
        for part in (_indices(sheet), _thresholds(sheet), _sign(sheet), _weights(sheet), _samples(sheet))
        if part
    ]
    if not parts:
        return
    text: list[str | Term] = []
    for part in parts:
        text += [" " if text else "", *part]
    sheet.text(*text, small=True)


def _indices(sheet: Sheet) -> list[str | Term]:
    """Return the meaning of double indices, by a weight whose two indices differ where there is one."""
    problem, words = sheet.problem, sheet.ledger.vocabulary
    places, notation = words.places, sheet.notation
    numbered = notation.weights == "indexed"

    def index(unit: str) -> int:
        return places.units[unit].number if numbered else places.units[unit].position

    def layer(unit: str) -> int:
        return places.units[unit].layer

    def distinct(weight: Weight) -> bool:
        return index(weight.target) != index(weight.source) and not past_a_layer(weight)

    def past_a_layer(weight: Weight) -> bool:
        return layer(weight.target) != layer(weight.source) + 1

    def first_that(fits: Callable[[Weight], bool]) -> Weight | None:
        fitting = filter(fits, problem.weights)
        return next((weight for weight in fitting if words.has_double_indices(weight.name)), None)

    example = first_that(distinct) or first_that(lambda _: True)
    if example is None:
        return []
    to, source = example.target, example.source
    order = [f"to unit {index(to)} ", f"from unit {index(source)}"]
    if notation.indices == "from_to":
        order = [f"from unit {index(source)} ", f"to unit {index(to)}"]
    where = "" if numbered else f"layer {layer_number(layer(to), notation)}, "
    text: list[str | Term] = [
        "The indices of a weight: ",
        sheet.term(example.name),
        f" is {where}{''.join(order)}",
    ]
    if numbered:
        return [*text, "; the units are numbered through all layers, inputs first."]
    inputs = layer_number(0, notation)
    text.append(f"; the inputs are layer {inputs}.")
    past = first_that(past_a_layer)
    if past is not None:
        to, source = past.target, past.source
        first, second = (to, source) if notation.indices == "to_from" else (source, to)
        ways = ("to", "from") if notation.indices == "to_from" else ("from", "to")
        text += [
            " Past a layer both are named: ", sheet.term(past.name),
            f" leads {ways[0]} layer {layer_number(layer(first), notation)} "
            f"{ways[1]} layer {layer_number(layer(second), notation)}.",
        ]  # fmt: skip
    if notation.bias_index:
        text.append(" Index 0 stands for the bias, a weight from a unit that always sends 1.")
    return text


def _thresholds(sheet: Sheet) -> list[str | Term]:
    problem = sheet.problem
    if not problem.thresholds or not problem.biases:
        return []
    example = sheet.term(problem.biases[0].name)
    return [
        "Thresholds such as ", example, " are subtracted from the weighted sum, so the derivative of a net "
        "input by its threshold is ", Number("-1"), ".",
    ]  # fmt: skip


def _sign(sheet: Sheet) -> list[str | Term]:
    """Return the sign of error terms, where the form does not derive it or the author has chosen it."""
    notation = sheet.notation
    if notation.form != "tables" and "delta_sign" not in sheet.problem.notation.options:
        return []
    if not (notation.names_errors or notation.descends):
        return []
    if notation.descends:
        return ["An error term is minus the derivative of the error by the net input, so steps are added."]
    return ["An error term is the derivative of the error by the net input, so steps go against it."]


def _weights(sheet: Sheet) -> list[str | Term]:
    layout = sheet.problem.weight_layout
    if not layout:
        return []
    end = "receiving" if layout == "rows" else "sending"
    return [f"In the weight matrices of the problem a row holds the weights of one {end} unit."]


def _samples(sheet: Sheet) -> list[str | Term]:
    layout = sheet.problem.sample_layout
    if not layout:
        return []
    return [
        f"In the matrices of the data each {layout[:-1]} is one sample; samples are numbered in that order."
    ]
