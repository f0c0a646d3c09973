"""The pattern behind the numbers: error terms, gradients and the update for any layer."""

from __future__ import annotations

from dataclasses import replace

from ...formulas.names import Name
from ...formulas.terms import Call, Negation, Partial, Product, Sum, Summation, Symbol, Term
from ..sheet import Lines, Sheet, line

#: How a layer's letter is written as a superscript; under "subscript" it is the first index.
_LAYERS = {"superscript_brackets": "({})", "superscript": "{}", "superscript_square": "[{}]"}


def add_general_form(sheet: Sheet) -> None:
    """Add the layer form of the backward pass and the update rule, in indices."""
    notation, problem = sheet.notation, sheet.problem
    letter = notation.names.get("activation") or Name("f")
    delta, net, act = notation.delta, notation.net, notation.hidden
    weight, bias = notation.weight or "w", notation.bias or "b"
    if problem.thresholds and bias == "b":
        bias = "theta"
    # a weight without two indices of its own keeps the order of the text: from unit i to unit j
    double = any(sheet.ledger.vocabulary.has_double_indices(item.name) for item in problem.weights)
    turned = double and notation.indices == "to_from"

    def symbol(base: str, sub: str = "", sup: str = "") -> Symbol:
        name = Name.parse(base)
        mark = _LAYERS.get(notation.layers)
        if sup and mark is None:
            return Symbol(replace(name, sub=(*name.sub, sup, *sub)))
        return Symbol(
            replace(
                name, sub=(*name.sub, *sub), sup=(*name.sup, mark.format(sup)) if sup and mark else name.sup
            )
        )

    def ends(source: str, to: str) -> str:
        return to + source if turned else source + to

    loss = sheet.term("loss")
    delta_here, delta_next = symbol(delta, "j", "l"), symbol(delta, "k", "l+1")
    weight_next, weight_here = symbol(weight, ends("j", "k"), "l+1"), symbol(weight, ends("i", "j"), "l")
    slope = _slope(letter, symbol(net, "j", "l"))
    sheet.section("The general form")
    i, j, k, layer = symbol("i"), symbol("j"), symbol("k"), symbol("l")
    sheet.text(
        "What was done above repeats in every layer. Let unit ", i, " of the layer before feed unit ", j,
        " of layer ", layer, " through a weight, and let that unit feed units ", k, " of the layer after.",
    )  # fmt: skip
    lines = Lines(sheet)
    lines.add(
        delta_here,
        ("=", Partial(loss, symbol(net, "j", "l"))),
        ("=", Product((Summation(Product((delta_next, weight_next)), k), slope), "dot")),
        note=line("the sum is over all units that unit ", j, " feeds"),
    )
    lines.add(
        Partial(loss, weight_here),
        ("=", Product((delta_here, symbol(act, "i", "l-1")), "dot")),
        note=line("error term times what the weight carries"),
    )
    lines.add(
        Partial(loss, symbol(bias, "j", "l")),
        ("=", Negation(delta_here) if problem.thresholds else delta_here),
        note=line("a threshold is subtracted" if problem.thresholds else "a bias carries 1"),
    )
    if problem.descent.plain:
        every = symbol("W")
        rate = sheet.term("learning_rate")
        lines.add(
            every,
            ("from", Sum((every, Negation(Product((rate, Partial(loss, every))))))),
            note=line("all parameters at once, each from its old value"),
        )
    lines.finish()


def _slope(letter: Name, argument: Term) -> Term:
    name = letter.primed()
    return Call(name.base, (argument,), name)
