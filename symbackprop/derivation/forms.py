"""Forms of a derivation: which quantities stand in a formula by name, and which are written out.

The sweep states every formula over the quantities one step before it. A form decides which of those
are results of their own on the sheet; the others are written out in place, as the course does.
Under carry "shown" that is also where rounding happens, so the form belongs to the numbers too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import copy
from operator import is_not

from ..formulas.terms import (
    Cases,
    Group,
    Negation,
    Number,
    Partial,
    Product,
    Sum,
    Symbol,
    Term,
    Underbrace,
    walk,
)
from ..keys import Key, parse_key

#: A unit that feeds more than this many others has its error term shown and referred to, not written out.
WRITTEN_OUT = 4

ONE, MINUS_ONE = Number("1"), Number("-1")

#: What the keys begin with of quantities that every form shows as results of their own, and whose own
#: formulas hold no local derivative and nothing else that a form writes out.
_BY_NAME = ("net.", "act.", "new.")


class Rewriter:
    """Writes out, in a formula, what the form does not show as a result of its own."""

    def __init__(
        self,
        form: str,
        receivers: Mapping[str, tuple[str, ...]],
        fan_out: Mapping[str, int],
        joint: Collection[str] = frozenset(),
    ) -> None:
        """Take the form, the units each parameter feeds, and how many units each unit feeds.

        joint: the units of layers with one activation for all, such as softmax.
        """
        self._rule = _RULES[form]
        self._receivers = receivers
        self._fan_out = fan_out
        self._joint = joint
        self._writers: dict[tuple[str, ...], Callable[[Term], Term]] = {}

    def rewrite(self, key: str, formula: Term, canonical: Mapping[str, Term]) -> Term:
        """Return the formula of a quantity with what is not shown written out in place."""
        if key.startswith(_BY_NAME):
            return formula
        # the many keys that are grad. and a parameter's name need not be taken apart
        own = self._receivers.get(key[5:]) if key.startswith("grad.") else None
        if own is None:
            step = parse_key(key)
            own = self._receivers[step.subject] if step.kind == "grad" else (step.subject,)
        writer = self._writers.get(own)
        if writer is None:
            writer = self._writers[own] = self._writer(own, canonical)
        return writer(formula)

    def forget(self) -> None:
        """Forget what has been written out so far, because a formula has changed."""
        self._writers.clear()

    def fresh(self) -> Rewriter:
        """Return a rewriter of the same form that has written out nothing yet."""
        other = copy(self)
        other._writers = {}
        return other

    def _writer(self, own: tuple[str, ...], canonical: Mapping[str, Term]) -> Callable[[Term], Term]:
        """Return what rewrites the formulas of steps that belong to these units.

        What is written out depends on the step only through its units. So all weights into a unit
        share the terms that stand for its derivative, each written out once.
        """
        written: dict[str, Term] = {}

        def write(term: Term) -> Term:
            if type(term) is Product:
                factors = [write(factor) for factor in term.factors]
                changed = any(map(is_not, factors, term.factors))
                return _spliced(Product(tuple(factors), term.sign) if changed else term)
            if type(term) is Underbrace:  # the name below a brace stays
                inner = write(term.term)
                return term if inner is term.term else Underbrace(inner, term.label)
            if type(term) is Symbol or type(term) is Partial:
                key = term.key
                if not key or key.startswith(_BY_NAME) or key not in canonical:
                    return term
                found = written.get(key)
                if found is None:
                    found = written[key] = written_out(key, term)
                return found
            return term.rebuilt(write)

        def written_out(key: str, term: Term) -> Term:
            parts = parse_key(key)
            if self._rule(self, own, parts) or (parts.kind == "error" and _has_cases(canonical[key])):
                return term
            inner = write(canonical[key])
            leaf = parts.kind == "dact_dnet" or (parts.kind == "dE_dact" and not self._fan_out[parts.subject])
            return Underbrace(inner, term) if leaf else inner

        return write

    def feeds_many(self, unit: str) -> bool:
        """Return whether a unit's error term is shown by itself because it is a long sum."""
        return self._fan_out[unit] > WRITTEN_OUT or unit in self._joint

    def is_joint(self, unit: str) -> bool:
        """Return whether a unit's activation depends on the net inputs of its whole layer."""
        return unit in self._joint

    def is_output(self, unit: str) -> bool:
        """Return whether a unit feeds no other."""
        return not self._fan_out[unit]


def _has_cases(formula: Term) -> bool:
    """Return whether a formula is by cases, which stand by themselves and not inside a sum."""
    return any(type(part) is Cases for part in walk(formula))


def _chain(rewriter: Rewriter, own: tuple[str, ...], used: Key) -> bool:
    """Whole chain rules: only other units' error terms and many-armed ones stand by name."""
    if used.kind == "grad":
        return used.sample is None and not used.through
    if used.kind in ("dE_dnet", "delta"):
        return used.subject not in own or rewriter.feeds_many(used.subject)
    return used.kind not in ("error", "dE_dact", "dact_dnet") and not (used.kind == "loss" and used.sample)


def _components(rewriter: Rewriter, own: tuple[str, ...], used: Key) -> bool:
    """Factor by factor: each local derivative is a result of its own."""
    if used.kind == "dE_dnet" and rewriter.is_joint(used.subject):
        return used.subject not in own or not used.through  # through one error it is one product
    if used.kind == "dE_dnet":
        named = used.subject in own or rewriter.is_output(used.subject)
        return not named or rewriter.feeds_many(used.subject)
    if used.kind == "dE_dact":
        return rewriter.is_output(used.subject)
    return True


def _delta_rule(rewriter: Rewriter, own: tuple[str, ...], used: Key) -> bool:
    """The delta rule: error terms and residuals stand by name, slopes are written out."""
    return used.kind not in ("error", "dact_dnet", "dE_dact")


def _steps(rewriter: Rewriter, own: tuple[str, ...], used: Key) -> bool:
    """Step by step: every derivative stands by name but for the slope of an activation."""
    return used.kind not in ("error", "dact_dnet")


def _matrix(rewriter: Rewriter, own: tuple[str, ...], used: Key) -> bool:
    """Vectors and matrices: every derivative is an entry of one, only the samples' shares are not shown."""
    return used.kind != "error" and not (used.kind == "grad" and used.sample is not None)


def _tables(rewriter: Rewriter, own: tuple[str, ...], used: Key) -> bool:
    """Tables: error terms stand by name, a gradient over a batch is the sum of its written-out shares."""
    return _delta_rule(rewriter, own, used) and not (used.kind == "grad" and used.sample is not None)


_RULES: Mapping[str, Callable[[Rewriter, tuple[str, ...], Key], bool]] = {
    "chain": _chain,
    "components": _components,
    "delta": _chain,
    "delta_rule": _delta_rule,
    "tables": _tables,
    "matrix": _matrix,
    "steps": _steps,
}


# --- readings of one formula -----------------------------------------------------------------
#
# Most of what a formula is made of are symbols and products: these are handled in place, with fewer
# calls than `rebuilt` makes.


def chain_of(key: str, formula: Term) -> Term:
    """Return the chain rule of a quantity's formula, without a search where there is none in it."""
    return formula if key.startswith(_BY_NAME) else chain_rule(formula)


def _spliced(term: Product) -> Product:
    """Return a product with the products of the same sign directly inside it taken apart."""
    for factor in term.factors:
        if type(factor) is Product:
            break
    else:
        return term
    factors: list[Term] = []
    for factor in term.factors:
        if isinstance(factor, Product) and factor.sign == term.sign:
            factors.extend(factor.factors)
        else:
            factors.append(factor)
    return Product(tuple(factors), term.sign)


def simplified_of(key: str, formula: Term) -> Term:
    """Return a quantity's formula simplified; an update holds neither braces nor factors of one."""
    return formula if key.startswith("new.") else _simplified(formula)


def chain_rule(term: Term) -> Term:
    """Return the formula with every local derivative by name: the chain rule in symbols."""
    if type(term) is Symbol or (type(term) is Partial and term.key):
        return term
    if type(term) is Product:
        factors = term.factors
        chain = [factor if type(factor) is Symbol else chain_rule(factor) for factor in factors]
        return Product(tuple(chain), term.sign) if any(map(is_not, chain, factors)) else term
    return term.label if type(term) is Underbrace else term.rebuilt(chain_rule)


def simplified(term: Term, *, keep_ones: bool = False) -> Term:
    """Return the formula without its braces and, unless kept, without factors of one."""
    return _without_braces(term) if keep_ones else _simplified(term)


def _without_braces(term: Term) -> Term:
    while isinstance(term, Underbrace):
        term = term.term
    return term.rebuilt(_without_braces)


def _simplified(term: Term) -> Term:
    while type(term) is Underbrace:
        term = term.term
    if type(term) is Symbol or (type(term) is Partial and term.key):
        return term
    if type(term) is not Product:
        return term.rebuilt(_simplified)
    factors: list[Term] = []
    same, minus = True, False
    for factor in term.factors:
        simple = factor if type(factor) is Symbol else _simplified(factor)
        if type(simple) is Number and simple.text == "1" and simple.exponent is None:
            same = False
        elif type(factor) is Underbrace and simple == MINUS_ONE:  # what a threshold adds to a chain
            same, minus = False, not minus
        else:
            same = same and simple is factor
            factors.append(simple)
    if len(factors) < 2:
        product = factors[0] if factors else ONE
    else:
        product = term if same else Product(tuple(factors), term.sign)
    return Negation(product) if minus else product


def common_factor_out(term: Term) -> Term:
    """Return a sum of products that all begin with the same factor as that factor times a sum.

    The authored rewrite that turns 1/2 (..)^2 + 1/2 (..)^2 into 1/2 [(..)^2 + (..)^2].
    """
    if not isinstance(term, Sum) or len(term.terms) < 2:
        return term
    products = [item for item in term.terms if isinstance(item, Product) and len(item.factors) > 1]
    if len(products) != len(term.terms) or any(
        item.factors[0] != products[0].factors[0] for item in products
    ):
        return term
    rests = tuple(
        item.factors[1] if len(item.factors) == 2 else Product(item.factors[1:], item.sign)
        for item in products
    )
    return Product((products[0].factors[0], Group(Sum(rests), "square")))
