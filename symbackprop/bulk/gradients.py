"""All gradients of a problem as arrays, each with a bound of its error, without a derivation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from flint import ctx, fmpq

from ..collector import collector_paused
from ..derivation.ledger import START_BITS
from ..derivation.solving import derive
from ..doubles.arrays import Array
from ..errors import SymbackpropError, UndecidedDigits
from ..formulas.terms import Number
from ..network.graph import Graph, batch_graph, build_graph
from ..numbers.digits import Real, Undecided, show
from ..numbers.rounding import Rounding, RoundingPolicy
from ..spec.problem import Problem
from .enclosures import Enclosure, Mask, added, decided, enclosure
from .units import Units, Unsuited, accurate, exact_parameters, unit_values

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Precision of the units' quantities, in bits: doubled until all are accurate enough, up to the last.
LAST_BITS = 2048
MOST_DIGITS = 12  # beyond, doubles have no room between a value and its error


@dataclass(frozen=True)
class Gradients:
    """The gradients of all parameters, in the order of the problem.

    names: the parameters. values: doubles close to the gradients. errors: how far each gradient can be from
    its double, inf where nothing is known. digits: to so many significant digits each is certified, where
    `certified` says so: `text` and `number` return that decimal.
    """

    names: tuple[str, ...]
    values: Array
    errors: Array
    digits: int
    certified: Mask
    _exact: Mapping[int, Number] = field(default_factory=dict, repr=False)  # by index, decided one by one

    def __len__(self) -> int:
        """Return how many parameters there are."""
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the parameters' names."""
        return iter(self.names)

    def __getitem__(self, name: str) -> float:
        """Return the gradient of a parameter as a double.

        Raises:
            KeyError: no parameter has this name.
        """
        return float(self.values[self._index[name]])

    def number(self, name: str) -> Number:
        """Return a gradient rounded to the certified digits, halves to even.

        Raises:
            KeyError: no parameter has this name.
            UndecidedDigits: the gradient is not certified.
        """
        index = self._index[name]
        if index in self._exact:
            return self._exact[index]
        if not self.certified[index]:
            raise UndecidedDigits(f"grad.{name}: its digits are not certified; certified=True decides them")
        return _rounded(_exactly(float(self.values[index])), self.digits)

    def text(self, name: str) -> str:
        """Return a gradient rounded to the certified digits as text that `float` reads.

        Raises:
            KeyError: no parameter has this name.
            UndecidedDigits: the gradient is not certified.
        """
        number = self.number(name)
        return number.text if number.exponent is None else f"{number.text}e{number.exponent}"

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names)}


def gradients(problem: Problem | str | Path, digits: int = 6, *, certified: bool = True) -> Gradients:
    """Return the gradients of all parameters of a problem, a problem file or a built-in example.

    The gradient of a weight from unit i to unit j is the sum over the samples of a_i dE/dz_j. What units send
    out and their error terms are computed in balls, the products in doubles with bounds of their errors; the
    few whose digits these do not decide are decided by the ledger. With `certified=False` all is computed in
    plain doubles, and `errors` are inf.

    They are those of the exact values, whatever the problem's rounding carries on, in the first pass.

    Args:
        problem: the problem.
        digits: how many significant digits are certified, 1 to 12.
        certified: False for values in double precision only.

    Raises:
        SymbackpropError: the problem cannot be used, or a gradient cannot be computed.
    """
    if not 1 <= digits <= MOST_DIGITS:
        raise SymbackpropError(f"gradients: given digits={digits}; expected 1 to {MOST_DIGITS}")
    with collector_paused():
        if not isinstance(problem, Problem):
            from ..spec import load_problem

            problem = load_problem(problem)
        problem = replace(problem, rounding=RoundingPolicy(), show=(), epochs=1)
        if not certified:
            return _in_doubles(problem, digits)
        try:
            return _by_matrices(problem, digits)
        except (Unsuited, Undecided):
            return _by_ledger(problem, digits)


def _in_doubles(problem: Problem, digits: int) -> Gradients:
    from ..doubles.training import DenseNetwork

    names = tuple(parameter.name for parameter in problem.parameters)
    if problem.architecture is not None or not _suited(problem):
        found = _by_ledger(problem, digits)
        unknown = np.full(len(names), np.inf)
        return replace(found, errors=unknown, certified=np.zeros(len(names), dtype=bool), _exact={})
    network = DenseNetwork(problem)
    values = network.gradient(network.start, *network.forward(network.start))
    return Gradients(names, values, np.full(len(names), np.inf), digits, np.zeros(len(names), dtype=bool))


def _suited(problem: Problem) -> bool:
    """Return whether products of matrices make up all gradients: nothing given in between, no penalty."""
    return not (
        problem.given
        or problem.stated
        or problem.descent.penalty is not None
        or problem.descent.looks_ahead
        or any(parameter.value is None for parameter in problem.parameters)
    )


def _by_matrices(problem: Problem, digits: int) -> Gradients:
    """Return the gradients as sums over samples and edges of what is sent times the error term.

    Raises:
        Unsuited: there is more to them.
        Undecided: no precision decides a case distinction.
    """
    if not _suited(problem):
        raise Unsuited
    graph = batch_graph(build_graph(problem), problem.descent.batch(0))
    units, bits = _accurate_units(graph)
    names = tuple(parameter.name for parameter in problem.parameters)
    index = {name: position for position, name in enumerate(names)}
    values = added(_parts(problem, graph, units, index), len(names))
    certain = decided(values, digits)
    found: dict[int, Number] = {}
    rest = [int(position) for position in np.flatnonzero(~certain)]
    if rest:
        found = _one_by_one(
            problem, graph, units, bits, [names[position] for position in rest], index, digits
        )
    missing = [names[position] for position in rest if position not in found]
    if missing:
        _, ledger = derive(replace(problem, show=tuple(missing), learning_rate=None), parts=False)
        for name in missing:
            found[index[name]] = ledger.rounded(f"grad.{name}", _rounding(digits))
    certain[list(found)] = True
    return Gradients(names, values.middle, values.radius, digits, certain, found)


def _accurate_units(graph: Graph) -> tuple[Units, int]:
    """Return the units' quantities, accurate enough unless the last precision does not make them so."""
    bits, exact = START_BITS, exact_parameters(graph.problem)
    while True:
        try:
            units = unit_values(graph, bits, exact)
        except Undecided:
            if bits >= LAST_BITS:
                raise
        else:
            if bits >= LAST_BITS or accurate(units):
                return units, bits
        bits *= 4


def _parts(
    problem: Problem, graph: Graph, units: Units, index: Mapping[str, int]
) -> Iterator[tuple[np.ndarray, Enclosure]]:
    """Yield, block by block, which parameters there are, and their gradients through this block."""
    beyond, samples = len(index), graph.samples
    sign = fmpq(-1 if problem.thresholds else 1)
    for block in units.blocks:
        errors = enclosure([[units.errors[s][unit] for s in samples] for unit in block.units])
        sent = enclosure([[units.sent[s][source] for source in block.sources] for s in samples])
        yield (
            np.array([[index[name] for name in row] for row in block.weights], dtype=int),
            errors.product(sent),
        )
        if any(block.biases):
            ones = enclosure([[sign] for _ in samples])
            biases = [[beyond if name is None else index[name]] for name in block.biases]
            yield np.array(biases, dtype=int), errors.product(ones)


def _one_by_one(
    problem: Problem,
    graph: Graph,
    units: Units,
    bits: int,
    names: Sequence[str],
    index: Mapping[str, int],
    digits: int,
) -> dict[int, Number]:
    """Return those gradients whose digits the balls decide, each summed again in balls."""
    wanted = dict.fromkeys(names)
    sums: dict[str, Real] = {name: fmpq(0) for name in names}
    found: dict[int, Number] = {}
    before, sign = ctx.prec, -1 if problem.thresholds else 1
    ctx.prec = bits
    try:
        for block in units.blocks:
            for row, unit, bias in zip(block.weights, block.units, block.biases, strict=True):
                for source, name in zip(block.sources, row, strict=True):
                    if name in wanted:
                        for s in graph.samples:
                            sums[name] = sums[name] + units.errors[s][unit] * units.sent[s][source]
                if bias in wanted:
                    for s in graph.samples:
                        sums[bias] = sums[bias] + units.errors[s][unit] * sign
        for name, real in sums.items():
            try:
                found[index[name]] = _rounded(real, digits)
            except Undecided:
                continue  # a tie, or zero: the ledger knows rationals
    finally:
        ctx.prec = before
    return found


def _by_ledger(problem: Problem, digits: int) -> Gradients:
    """Return the gradients of the derivation itself."""
    if not problem.descent.looks_ahead:
        problem = replace(problem, learning_rate=None)
    _, ledger = derive(problem, parts=False)
    names = tuple(parameter.name for parameter in problem.parameters)
    found: dict[int, Number] = {}
    values, errors = np.full(len(names), np.nan), np.full(len(names), np.inf)
    for position, name in enumerate(names):
        quantity = f"grad.{name}"
        if not ledger.known(quantity):
            continue
        found[position] = ledger.rounded(quantity, _rounding(digits))
        whole = enclosure([[ledger.values[quantity].real]])
        values[position], errors[position] = whole.middle[0, 0], whole.radius[0, 0]
    certain = np.zeros(len(names), dtype=bool)
    certain[list(found)] = True
    return Gradients(names, values, errors, digits, certain, found)


def _rounding(digits: int) -> Rounding:
    return Rounding(digits, "significant", "half_even", zeros="keep", scientific_below=-5)


def _rounded(real: Real, digits: int) -> Number:
    return show(real, _rounding(digits))


def _exactly(value: float) -> fmpq:
    return fmpq(*map(int, value.as_integer_ratio()))


__all__ = ["Gradients", "gradients"]
