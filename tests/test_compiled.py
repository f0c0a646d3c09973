"""Compiled nodes: as frozen, comparable and complete as the dataclasses they are."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, fields, replace

import pytest

from symbackprop.formulas import terms
from symbackprop.formulas.compiled import compiled
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Matrix,
    Number,
    Partial,
    Product,
    Sum,
    Summation,
    Symbol,
    Term,
    Words,
    children,
    rebuild,
)

X, Y, ONE, TWO = Symbol(Name("x"), "x"), Symbol(Name("y"), "y"), Number("1"), Number("2")
CLASSES = [cls for cls in vars(terms).values() if isinstance(cls, type) and issubclass(cls, Term)]
SAMPLES = [
    X,
    Sum((X, Y)),
    Product((X, ONE), "dot"),
    Fraction(X, Y, inline=True),
    Partial(X, Y, "grad.y"),
    Call("exp", (X,), Name("e")),
    Summation(X),
    Summation(X, lower=ONE),
    Summation(X, ONE, TWO),
    Matrix(((X, ONE), (TWO, Y))),
    Cases((X, Y), (Comparison(X, "greater", ONE), Words("otherwise"))),
]


@pytest.mark.parametrize("cls", [Name, *CLASSES])
def test_the_signature_is_that_of_the_fields(cls: type) -> None:
    parameters = list(inspect.signature(cls).parameters.values())
    assert [p.name for p in parameters] == [field.name for field in fields(cls)]
    for parameter, field in zip(parameters, fields(cls), strict=True):
        if parameter.default is not inspect.Parameter.empty:
            assert parameter.default == field.default


@pytest.mark.parametrize("term", SAMPLES, ids=str)
def test_a_node_behaves_as_a_frozen_dataclass(term: Term) -> None:
    values = {field.name: getattr(term, field.name) for field in fields(term)}
    again = type(term)(**values)
    assert again == term and hash(again) == hash(term) and again is not term
    assert replace(term) == term == copy.deepcopy(term) == pickle.loads(pickle.dumps(term))
    assert repr(term).startswith(f"{type(term).__name__}({next(iter(values))}=")
    with pytest.raises(FrozenInstanceError):
        setattr(term, next(iter(values)), X)


def _flat(value: object) -> list[object]:
    """Return a field's value, or what is in its tuples, however nested."""
    return [item for part in value for item in _flat(part)] if isinstance(value, tuple) else [value]


@pytest.mark.parametrize("term", SAMPLES, ids=str)
def test_walking_and_rebuilding_reach_every_sub_term(term: Term) -> None:
    found = [
        item
        for field in fields(term)
        for value in [getattr(term, field.name)]
        for item in _flat(value)
        if isinstance(item, Term)
    ]
    assert list(children(term)) == found
    assert rebuild(term, lambda child: child) is term
    changed = rebuild(term, lambda child: Words("changed"))
    assert all(child == Words("changed") for child in children(changed))
    assert type(changed) is type(term) and len(list(children(changed))) == len(found)
    for field in fields(term):
        value = getattr(term, field.name)
        if not any(isinstance(part, Term) for part in _flat((value,))):
            assert getattr(changed, field.name) == value


def test_a_sub_term_that_a_walk_would_pass_by_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Pair(Term):
        both: list[Term]

    with pytest.raises(TypeError, match=r"Pair\.both: annotate it as one of Term"):
        compiled(Pair)
