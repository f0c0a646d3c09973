"""The pattern behind the numbers: error terms, gradients and the update for any layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...formulas.names import Name
from ...formulas.terms import Call, Negation, Partial, Product, Sum, Summation, Symbol, Term
from ..sheet import Lines, Sheet, line

#: How a layer's letter is written as a superscript; under "subscript" it is the first index.
_LAYERS = {"superscript_brackets": "({})", "superscript": "{}", "superscript_square": "[{}]"}


@dataclass(frozen=True, slots=True)
class General:
    """The symbols of any layer: unit j of layer l, unit i of the layer before, unit k of the layer after.

    `term` is the error term as the notation has it, `slope` the derivative of the activation function.
    """

    term: Symbol
    next_term: Symbol
    net: Symbol
    activation: Symbol
    incoming: Symbol
    weight: Symbol
    next_weight: Symbol
    bias: Symbol
    function: Call
    slope: Call


def general_symbols(sheet: Sheet) -> General:
    """Return the symbols of any layer in the sheet's notation."""
    notation, problem = sheet.notation, sheet.problem
    letter = notation.names.get("activation") or Name("f")
    delta, net, act = notation.delta, notation.net, notation.hidden
    weight, bias = notation.weight or "w", notation.bias or "b"
    if problem.thresholds and bias == "b":
        bias = "theta"
    # a weight without two indices of its own keeps the order of the text: from unit i to unit j
    double = any(sheet.ledger.vocabulary.has_double_indices(item.name) for item in problem.weights)
    turned = double and notation.indices == "to_from"

    def symbol(base: str, sub: str, sup: str) -> Symbol:
        name = Name.parse(base)
        mark = _LAYERS.get(notation.layers)
        if mark is None:
            return Symbol(replace(name, sub=(*name.sub, sup, *sub)))
        return Symbol(replace(name, sub=(*name.sub, *sub), sup=(*name.sup, mark.format(sup))))

    def ends(source: str, to: str) -> str:
        return to + source if turned else source + to

    own = symbol(net, "j", "l")
    return General(
        term=symbol(delta, "j", "l"),
        next_term=symbol(delta, "k", "l+1"),
        net=own,
        activation=symbol(act, "j", "l"),
        incoming=symbol(act, "i", "l-1"),
        weight=symbol(weight, ends("i", "j"), "l"),
        next_weight=symbol(weight, ends("j", "k"), "l+1"),
        bias=symbol(bias, "j", "l"),
        function=Call(letter.base, (own,), letter),
        slope=_slope(letter, own),
    )


def index(letter: str) -> Symbol:
    """Return an index by itself."""
    return Symbol(Name(letter))


def add_general_form(sheet: Sheet) -> None:
    """Add the layer form of the backward pass and the update rule, in indices."""
    sheet.section("The general form")
    i, j, k, layer = index("i"), index("j"), index("k"), index("l")
    sheet.text(
        "What was done above repeats in every layer. Let unit ", i, " of the layer before feed unit ", j,
        " of layer ", layer, " through a weight, and let that unit feed units ", k, " of the layer after.",
    )  # fmt: skip
    lines = Lines(sheet)
    add_general_lines(sheet, lines)
    lines.finish()


def add_general_lines(sheet: Sheet, lines: Lines, *, update: bool = True) -> None:
    """Add the lines of the backward pass for any layer, and of the plain update where one is wanted."""
    problem, of, loss = sheet.problem, general_symbols(sheet), sheet.term("loss")
    j, k = index("j"), index("k")
    descends = sheet.notation.descends

    def signed(term: Term) -> Term:
        return Negation(term) if descends else term

    lines.add(
        of.term,
        ("=", signed(Partial(loss, of.net))),
        ("=", Product((Summation(Product((of.next_term, of.next_weight)), k), of.slope), "dot")),
        note=line("the sum is over all units that unit ", j, " feeds"),
    )
    lines.add(
        Partial(loss, of.weight),
        ("=", signed(Product((of.term, of.incoming), "dot"))),
        note=line("error term times what the weight carries"),
    )
    if problem.biases:
        lines.add(
            Partial(loss, of.bias),
            ("=", of.term if problem.thresholds == descends else Negation(of.term)),
            note=line("a threshold is subtracted" if problem.thresholds else "a bias carries 1"),
        )
    if problem.descent.plain and update:
        every = index("W")
        rate = sheet.term("learning_rate")
        lines.add(
            every,
            ("from", Sum((every, Negation(Product((rate, Partial(loss, every))))))),
            note=line("all parameters at once, each from its old value"),
        )


def _slope(letter: Name, argument: Term) -> Call:
    name = letter.primed()
    return Call(name.base, (argument,), name)
