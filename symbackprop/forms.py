"""Forms of a derivation: which quantities stand in a formula by name, and which are written out.

The sweep states every formula over the quantities one step before it. A form decides which of those
are results of their own on the sheet; the others are written out in place, as the course does.
Under carry "shown" that is also where rounding happens, so the form belongs to the numbers too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .keys import Key, parse_key
from .terms import Group, Negation, Number, Product, Sum, Term, Underbrace, rebuild, replace_keys

#: A unit that feeds more than this many others has its error term shown and referred to, not written out.
WRITTEN_OUT = 4

#: Local derivatives: written out, they keep their name below a brace.
_LOCAL = frozenset({"dact_dnet", "dE_dact"})


class Rewriter:
    """Writes out, in a formula, what the form does not show as a result of its own."""

    def __init__(
        self, form: str, receivers: Mapping[str, tuple[str, ...]], fan_out: Mapping[str, int]
    ) -> None:
        """Take the form, the units each parameter feeds, and how many units each unit feeds."""
        self._rule = _RULES[form]
        self._receivers = receivers
        self._fan_out = fan_out

    def rewrite(self, key: str, formula: Term, canonical: Mapping[str, Term]) -> Term:
        """Return the formula of a quantity with what is not shown written out in place."""
        step = parse_key(key)
        if step.kind in ("net", "act"):
            return formula

        def place(used: str, term: Term) -> Term:
            parts = parse_key(used)
            if used not in canonical or self._rule(self, step, parts):
                return term
            inner = canonical[used]
            leaf = parts.kind == "dact_dnet" or (parts.kind == "dE_dact" and not self._fan_out[parts.subject])
            written = replace_keys(inner, place)
            return Underbrace(written, term) if leaf else written

        return flatten(replace_keys(formula, place))

    def own_units(self, step: Key) -> tuple[str, ...]:
        """Return the units at which a step's derivative is taken."""
        if step.kind == "grad":
            return self._receivers[step.subject]
        return (step.subject,)

    def feeds_many(self, unit: str) -> bool:
        """Return whether a unit's error term is shown by itself because it is a long sum."""
        return self._fan_out[unit] > WRITTEN_OUT

    def is_output(self, unit: str) -> bool:
        """Return whether a unit feeds no other."""
        return not self._fan_out[unit]


def _chain(rewriter: Rewriter, step: Key, used: Key) -> bool:
    """Whole chain rules: only other units' error terms and many-armed ones stand by name."""
    if used.kind == "grad":
        return used.sample is None and not used.through
    if used.kind in ("dE_dnet", "delta"):
        return used.subject not in rewriter.own_units(step) or rewriter.feeds_many(used.subject)
    return used.kind not in ("error", "dE_dact", "dact_dnet") and not (used.kind == "loss" and used.sample)


def _components(rewriter: Rewriter, step: Key, used: Key) -> bool:
    """Factor by factor: each local derivative is a result of its own."""
    if used.kind == "dE_dnet":
        own = used.subject in rewriter.own_units(step) or rewriter.is_output(used.subject)
        return not own or rewriter.feeds_many(used.subject)
    if used.kind == "dE_dact":
        return rewriter.is_output(used.subject)
    return True


def _delta_rule(rewriter: Rewriter, step: Key, used: Key) -> bool:
    """The delta rule: error terms and residuals stand by name, slopes are written out."""
    return used.kind not in ("error", "dact_dnet", "dE_dact")


_RULES: Mapping[str, Callable[[Rewriter, Key, Key], bool]] = {
    "chain": _chain,
    "components": _components,
    "delta": _chain,
    "delta_rule": _delta_rule,
}


# --- readings of one formula -----------------------------------------------------------------


def flatten(term: Term) -> Term:
    """Return the term with products inside products of the same sign written as one product."""
    term = rebuild(term, flatten)
    if not isinstance(term, Product):
        return term
    factors: list[Term] = []
    for factor in term.factors:
        if isinstance(factor, Product) and factor.sign == term.sign:
            factors.extend(factor.factors)
        else:
            factors.append(factor)
    return Product(tuple(factors), term.sign)


def chain_rule(term: Term) -> Term:
    """Return the formula with every local derivative by name: the chain rule in symbols."""
    if isinstance(term, Underbrace):
        return term.label
    return rebuild(term, chain_rule)


def simplified(term: Term, *, keep_ones: bool = False) -> Term:
    """Return the formula without its braces and, unless kept, without factors of one."""
    if isinstance(term, Underbrace):
        return simplified(term.term, keep_ones=keep_ones)
    term = rebuild(term, lambda child: simplified(child, keep_ones=keep_ones))
    if isinstance(term, Product) and not keep_ones:
        factors = tuple(factor for factor in term.factors if factor != Number("1"))
        if not factors:
            return Number("1")
        return factors[0] if len(factors) == 1 else Product(factors, term.sign)
    return term


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


def negated(term: Term) -> Term:
    """Return minus a term, without a double minus."""
    return term.term if isinstance(term, Negation) else Negation(term)
