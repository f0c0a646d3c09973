"""The update rules: each moment and the step, stated once over named places.

A rule is read three times: over general symbols for the statement on the sheet, over one parameter's
quantities for its derivation, and over arrays for long runs in double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..formulas.terms import Call, Fraction, Negation, Number, Power, Product, Sum, Term
from ..network.descent import Descent, Optimizer

ONE, TWO = Number("1"), Number("2")


@dataclass(frozen=True, slots=True)
class Places:
    """What stands in a rule's places.

    term: by place: "old", "gradient", "rate", a moment ("m") or what it was before ("m.before"), and the
    optimizer's settings ("beta1"). count: which update this is, counted from the optimizer's own first.
    first: no update of this optimizer has been made before, so no moment has a past. down: a term with
    the sign of the step, minus for descent.
    """

    term: Callable[[str], Term]
    count: Term
    first: bool
    down: Callable[[Term], Term]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of an update before the new value: a quantity of `kind` with its formula.

    state: whether it is remembered until the next update. because: the reason, for the sheet.
    """

    kind: str
    formula: Term
    state: bool = True
    because: str = ""


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """The lines of one update: moments in order, then the terms that are added to the old value."""

    moments: tuple[Moment, ...]
    step: tuple[Term, ...]


def update_rule(descent: Descent, at: Places) -> UpdateRule:
    """Return the lines by which one parameter is updated."""
    optimizer = descent.optimizer
    decay = _decay(optimizer, at)
    source = decay[0].kind if decay else "gradient"
    inner = at if source == "gradient" else _redirected(at, source)
    rule = _RULES[optimizer.name](optimizer, inner)
    return UpdateRule((*decay, *rule.moments), rule.step)


def remembered(optimizer: Optimizer) -> tuple[str, ...]:
    """Return the kinds of moment that an optimizer remembers from one update to the next."""
    places = Places(lambda name: ONE, ONE, False, lambda term: term)
    return tuple(moment.kind for moment in _RULES[optimizer.name](optimizer, places).moments if moment.state)


def looked_ahead(descent: Descent, at: Places) -> Term:
    """Return where the velocity alone would lead: w + mu v, or w - eta mu v with the rate outside.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning, 2013.
    """
    pushed = (at.term("momentum"), at.term("velocity.before"))
    if descent.optimizer.choices["rate"] == "inside":
        return Sum((at.term("old"), Product(pushed)))
    return Sum((at.term("old"), at.down(Product((at.term("rate"), *pushed)))))


def _redirected(at: Places, source: str) -> Places:
    return Places(lambda name: at.term(source if name == "gradient" else name), at.count, at.first, at.down)


def _decay(optimizer: Optimizer, at: Places) -> tuple[Moment, ...]:
    """Return the gradient with weight decay, where it is not decoupled: g + lambda w."""
    if "weight_decay" not in optimizer.settings or optimizer.name == "adamw":
        return ()
    shrink: Term = Product((at.term("weight_decay"), at.term("old")))
    # up the gradient the step is added, so that what is to shrink the parameter has the other sign
    if not isinstance(at.down(shrink), Negation):
        shrink = Negation(shrink)
    formula = Sum((at.term("gradient"), shrink))
    return (Moment("decayed", formula, state=False, because="weight decay"),)


# --- the rules ------------------------------------------------------------------------------


def _sgd(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return - eta g."""
    return UpdateRule((), (at.down(_rated(at, at.term("gradient"))),))


def _momentum(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return, rate outside: v = mu v + g, w - eta v (PyTorch); inside: v = mu v - eta g, w + v."""
    velocity = Moment(
        "velocity", _velocity(optimizer, at), because="the velocity: what is left of it, and the push"
    )
    v = at.term("velocity")
    if optimizer.choices["rate"] == "inside":
        return UpdateRule((velocity,), (v,))
    return UpdateRule((velocity,), (at.down(_rated(at, v)),))


def _nesterov(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return the step one velocity further on: w - eta (g + mu v), or inside w + mu v - eta g."""
    rule = _momentum(optimizer, at)
    if optimizer.choices["form"] == "lookahead":
        return rule
    g, further = at.term("gradient"), Product((at.term("momentum"), at.term("velocity")))
    if optimizer.choices["rate"] == "inside":
        return UpdateRule(rule.moments, (further, at.down(_rated(at, g))))
    return UpdateRule(rule.moments, (at.down(Product((at.term("rate"), Sum((g, further))))),))


def _velocity(optimizer: Optimizer, at: Places) -> Term:
    push: tuple[Term, ...] = (at.term("gradient"),)
    if at.first and optimizer.choices["first"] == "gradient":
        return at.down(_rated(at, *push)) if optimizer.choices["rate"] == "inside" else push[0]
    if "dampening" in optimizer.settings:
        push = (_rest(at.term("dampening")), *push)
    kept = Product((at.term("momentum"), at.term("velocity.before")))
    if optimizer.choices["rate"] == "inside":
        return Sum((kept, at.down(_rated(at, *push))))
    return Sum((kept, push[0] if len(push) == 1 else Product(push)))


def _adagrad(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return G = G + g^2, w - eta g / (sqrt(G) + epsilon). Duchi, Hazan, Singer, 2011."""
    g = at.term("gradient")
    total = Sum((at.term("accumulator.before"), Power(g, TWO)))
    step = Fraction(_rated(at, g), _root(optimizer, at, at.term("accumulator")))
    return UpdateRule((Moment("accumulator", total, because="all squares so far"),), (at.down(step),))


def _rmsprop(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return v = rho v + (1 - rho) g^2, w - eta g / (sqrt(v) + epsilon). Tieleman, Hinton, 2012.

    Centered, the variance v - m^2 stands under the root (Graves, 2013); with momentum the quotient is
    collected in a buffer.
    """
    g, rho = at.term("gradient"), at.term("rho")
    moments = [
        Moment("v", _average(rho, at.term("v.before"), Power(g, TWO)), because="running mean of the squares")
    ]
    spread: Term = at.term("v")
    if optimizer.choices["centered"]:
        moments.append(
            Moment("m", _average(rho, at.term("m.before"), g), because="running mean of the gradients")
        )
        spread = Sum((spread, Negation(Power(at.term("m"), TWO))))
    root = _root(optimizer, at, spread)
    if "momentum" not in optimizer.settings:
        return UpdateRule(tuple(moments), (at.down(Fraction(_rated(at, g), root)),))
    kept = Product((at.term("momentum"), at.term("buffer.before")))
    inside = optimizer.choices["rate"] == "inside"
    pushed = Fraction(_rated(at, g) if inside else g, root)
    moments.append(Moment("buffer", Sum((kept, pushed)), because="momentum"))
    step = at.term("buffer")
    return UpdateRule(tuple(moments), (at.down(step if inside else _rated(at, step)),))


def _adam(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return w - eta m_hat / (sqrt(v_hat) + epsilon).

    Source: Kingma, Ba, Adam: a method for stochastic optimization, 2015.
    """
    g = at.term("gradient")
    beta1, beta2 = at.term("beta1"), at.term("beta2")
    moments = [
        Moment(
            "m",
            _average(beta1, at.term("m.before"), g),
            because="first moment: running mean of the gradients",
        ),
        Moment(
            "v",
            _average(beta2, at.term("v.before"), Power(g, TWO)),
            because="second moment: running mean of the squares",
        ),
    ]
    mean, square = at.term("m"), at.term("v")
    if optimizer.choices["bias_correction"]:
        reason = "the start at zero corrected"
        moments.append(
            Moment("m_hat", Fraction(mean, _rest(Power(beta1, at.count))), state=False, because=reason)
        )
        moments.append(Moment("v_hat", Fraction(square, _rest(Power(beta2, at.count))), state=False))
        mean, square = at.term("m_hat"), at.term("v_hat")
    step = at.down(Fraction(_rated(at, mean), _root(optimizer, at, square)))
    return UpdateRule(tuple(moments), (step,))


def _adamw(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return Adam's step beside - eta lambda w.

    Source: Loshchilov, Hutter, Decoupled weight decay regularization, 2019.
    """
    rule = _adam(optimizer, at)
    if "weight_decay" not in optimizer.settings:
        return rule
    shrink = Product((at.term("rate"), at.term("weight_decay"), at.term("old")))
    return UpdateRule(rule.moments, (Negation(shrink), *rule.step))


def _adadelta(optimizer: Optimizer, at: Places) -> UpdateRule:
    """Return d = sqrt(u + epsilon) / sqrt(v + epsilon) g, w - eta d. Zeiler, ADADELTA, 2012."""
    g, rho, epsilon = at.term("gradient"), at.term("rho"), at.term("epsilon")
    change = Product(
        (
            Fraction(_sqrt(Sum((at.term("u.before"), epsilon))), _sqrt(Sum((at.term("v"), epsilon)))),
            g,
        )
    )
    return UpdateRule(
        (
            Moment(
                "v", _average(rho, at.term("v.before"), Power(g, TWO)), because="running mean of the squares"
            ),
            Moment("change", change, state=False, because="the gradient in the units of the parameter"),
            Moment(
                "u",
                _average(rho, at.term("u.before"), Power(at.term("change"), TWO)),
                because="running mean of the squared changes, for the next update",
            ),
        ),
        (at.down(_rated(at, at.term("change"))),),
    )


_RULES: Mapping[str, Callable[[Optimizer, Places], UpdateRule]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "adadelta": _adadelta,
}


def _rated(at: Places, *factors: Term) -> Product:
    return Product((at.term("rate"), *factors))


def _rest(term: Term) -> Term:
    return Sum((ONE, Negation(term)))


def _average(share: Term, before: Term, new: Term) -> Term:
    """Return share * before + (1 - share) * new."""
    return Sum((Product((share, before)), Product((_rest(share), new))))


def _sqrt(term: Term) -> Term:
    return Call("sqrt", (term,))


def _root(optimizer: Optimizer, at: Places, square: Term) -> Term:
    """Return sqrt(square) + epsilon, or with epsilon inside sqrt(square + epsilon)."""
    if "epsilon" not in optimizer.settings:
        return _sqrt(square)
    epsilon = at.term("epsilon")
    if optimizer.choices["epsilon_place"] == "inside":
        terms = square.terms if isinstance(square, Sum) else (square,)
        return _sqrt(Sum((*terms, epsilon)))
    return Sum((_sqrt(square), epsilon))
