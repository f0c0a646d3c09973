"""The pattern behind the numbers: error terms, gradients and the update for any layer."""

from __future__ import annotations

from ..names import Name
from ..terms import Negation, Partial, Product, Sum, Summation, Symbol, Term
from .sheet import Lines, Sheet, line


def _symbol(base: str, sub: str = "", sup: str = "") -> Symbol:
    return Symbol(Name(base, tuple(sub), (f"({sup})",) if sup else ()))


def add_general_form(sheet: Sheet) -> None:
    """Add the layer form of the backward pass and the update rule, in indices."""
    notation = sheet.notation
    letter = notation.names.get("activation") or Name("f")
    delta, net, act = notation.delta, notation.net, notation.hidden
    loss = sheet.term("loss")
    delta_here, delta_next = _symbol(delta, "j", "l"), _symbol(delta, "k", "l+1")
    weight_next, weight_here = _symbol("w", "jk", "l+1"), _symbol("w", "ij", "l")
    slope = _slope(letter, _symbol(net, "j", "l"))
    sheet.section("The general form")
    i, j, k, layer = _symbol("i"), _symbol("j"), _symbol("k"), _symbol("l")
    sheet.text(
        "What was done above repeats in every layer. Let unit ", i, " of the layer before feed unit ", j,
        " of layer ", layer, " through a weight, and let that unit feed units ", k, " of the layer after.",
    )  # fmt: skip
    lines = Lines(sheet)
    lines.add(
        delta_here,
        ("=", Partial(loss, _symbol(net, "j", "l"))),
        ("=", Product((Summation(Product((delta_next, weight_next)), k), slope), "dot")),
        note=line("the sum is over all units that unit ", j, " feeds"),
    )
    lines.add(
        Partial(loss, weight_here),
        ("=", Product((delta_here, _symbol(act, "i", "l-1")), "dot")),
        note=line("error term times what the weight carries"),
    )
    lines.add(Partial(loss, _symbol("b", "j", "l")), ("=", delta_here), note=line("a bias carries 1"))
    every = _symbol("W")
    rate = sheet.term("learning_rate")
    lines.add(
        every,
        ("from", Sum((every, Negation(Product((rate, Partial(loss, every))))))),
        note=line("all parameters at once, each from its old value"),
    )
    lines.finish()


def _slope(letter: Name, argument: Term) -> Term:
    from ..terms import Call

    name = letter.primed()
    return Call(name.base, (argument,), name)
