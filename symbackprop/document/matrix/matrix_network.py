"""The matrices of a network: how each is named, which quantities stand in it, how it is turned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ...formulas.names import Name
from ...formulas.terms import Call, Number, Partial, Symbol, Term
from ...keys import At, key
from ...notation.naming import of_layer
from ...rules import is_layer_activation
from ..layout.matrices import matrix_of
from ..sheet import Sheet
from .matrix_algebra import Item, Readings
from .matrix_names import MatrixNames

ZERO, ONE = Number("0"), Number("1")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a course lays matrices out.

    rows: a sample is a row, so that vectors are rows. from_to: a weight matrix has a row for each sending
    unit. numerator: a derivative has a row for each entry of what is derived, so that a gradient is turned.
    """

    rows: bool = False
    from_to: bool = False
    numerator: bool = False

    @classmethod
    def of(cls, sheet: Sheet) -> Layout:
        """Return the layout that the notation asks for, or in which the samples were written."""
        notation = sheet.notation
        samples = notation.sample_layout or sheet.problem.sample_layout or "columns"
        weights = notation.weight_matrix or notation.indices
        return cls(samples == "rows", weights == "from_to", notation.derivative_layout == "numerator")


class NetworkMatrices:
    """The matrices of a network after so many updates, made when they are asked for."""

    def __init__(self, sheet: Sheet, layout: Layout, passes: int = 0, sample: int | None = 0) -> None:
        """Take the layout; with a sample other than 0 there are the vectors of that one alone."""
        self._sheet, self.layout, self._passes = sheet, layout, passes
        self._problem = sheet.problem
        self.samples = sheet.graph.samples if sample == 0 else (sample,)
        self._names = MatrixNames(sheet.problem, sheet.notation, passes, self.batch)
        self.readings = Readings()
        self._made: dict[tuple[str, int, int], Item] = {}

    @property
    def batch(self) -> bool:
        """Whether several samples stand side by side in one matrix."""
        return len(self.samples) > 1

    def units(self, layer: int) -> tuple[str, ...]:
        """Return the units of a layer, the inputs' being layer 0."""
        return self._problem.layers[layer].units

    @cached_property
    def blocks(self) -> Mapping[int, tuple[int, ...]]:
        """By layer, the layers that feed it, the nearest first."""
        place = {unit: index for index, layer in enumerate(self._problem.layers) for unit in layer.units}
        found: dict[int, set[int]] = {index: set() for index in range(1, len(self._problem.layers))}
        for weight in self._problem.weights:
            found[place[weight.target]].add(place[weight.source])
        return {to: tuple(sorted(sources, reverse=True)) for to, sources in found.items()}

    def fed_by(self, layer: int) -> list[int]:
        """Return the layers that a layer feeds, in order."""
        return [to for to, sources in self.blocks.items() if layer in sources]

    # --- what flows forward -----------------------------------------------------------------

    def act(self, layer: int) -> Item:
        """Return what a layer sends out; the inputs for layer 0."""
        words = self._sheet.ledger.vocabulary
        return self._values("act", layer, lambda unit, at: words.activation(unit, **at), self._names.sent)

    def net(self, layer: int) -> Item:
        """Return the net inputs of a layer."""
        return self._values("net", layer, lambda unit, at: key("net", unit, **at), self._names.net)

    def target(self) -> Item:
        """Return the targets."""
        last = len(self._problem.layers) - 1
        base = self._names.base(self._sheet.notation.target)
        return self._values(
            "target", last, lambda unit, at: key("target", unit, sample=at["sample"]), lambda layer: base
        )

    def function(self, layer: int) -> Item:
        """Return f(z) of a layer, its activation function entry by entry."""
        net, letter = self.net(layer), self._names.function(layer)
        entries = [[Call(letter.base, (entry,), letter) for entry in row] for row in net.entries.rows]
        return self._item("function", layer, Call(letter.base, (net.term,), letter), entries, net.turned)

    def slope(self, layer: int) -> Item:
        """Return f'(z) of a layer, the derivative of its activation function entry by entry."""
        letter = self._names.function(layer).primed()
        return self._values(
            "slope",
            layer,
            lambda unit, at: key("dact_dnet", unit, **at),
            lambda layer: Call(letter.base, (self.net(layer).term,), letter),
        )

    def is_joint(self, layer: int) -> bool:
        """Return whether each output of a layer depends on all its net inputs, as with softmax."""
        return is_layer_activation(self._problem.layers[layer].activation)

    def ones(self) -> Item:
        """Return the column of ones, one for each sample."""
        return self._item("ones", 0, Symbol(Name("1", bold=True)), [[ONE] for _ in self.samples])

    # --- parameters ---------------------------------------------------------------------------

    def weights(self, to: int, source: int) -> Item:
        """Return the weights from one layer into another; 0 where there is no connection."""
        words = self._sheet.ledger.vocabulary.parameters(self._passes)
        return self._weights("weights", to, source, lambda name: words[name], ZERO, self._names.weights)

    def weights_after(self, to: int, source: int) -> Item:
        """Return the weights after the update."""
        words = self._sheet.ledger.vocabulary.parameters(self._passes + 1)
        return self._weights("new", to, source, lambda name: words[name], ZERO, self._names.new_weights)

    def mask(self, to: int, source: int) -> Item | None:
        """Return the matrix with 1 for a connection, None where every unit is connected with every other."""
        made = self._weights("mask", to, source, lambda name: ONE, ZERO, self._names.mask("M"))
        return made if any(ZERO in row for row in made.entries.rows) else None

    def trained(self, to: int, source: int) -> Item | None:
        """Return the matrix with 1 for a weight that is updated, None where all are."""
        frozen = self._problem.frozen
        made = self._weights(
            "trained", to, source, lambda name: ZERO if name in frozen else ONE, ONE, self._names.mask("F")
        )
        return made if any(ZERO in row for row in made.entries.rows) else None

    def bias(self, layer: int) -> Item | None:
        """Return the biases of a layer, None where it has none; 0 where a unit has none."""
        words = self._sheet.ledger.vocabulary.parameters(self._passes)
        return self._biases("bias", layer, lambda name: words[name], self._names.bias)

    def bias_after(self, layer: int) -> Item | None:
        """Return the biases of a layer after the update."""
        words = self._sheet.ledger.vocabulary.parameters(self._passes + 1)
        return self._biases("new bias", layer, lambda name: words[name], self._names.new_bias)

    def bias_mask(self, layer: int, kind: str) -> Item | None:
        """Return 1 for each unit with a bias ("M") or with one that is updated ("F"), None where all are."""
        frozen = self._problem.frozen if kind == "F" else frozenset()
        made = self._biases(
            kind, layer, lambda name: ZERO if name in frozen else ONE,
            lambda layer: of_layer(Name(kind.lower(), bold=True), layer, self._sheet.notation),
        )  # fmt: skip
        return made if made is not None and any(ZERO in row for row in made.entries.rows) else None

    def shares_biases(self, layer: int) -> bool:
        """Return whether units of a layer share a bias, with one another or with another layer."""
        units = set(self.units(layer))
        return any(len(bias.targets) > 1 and units & set(bias.targets) for bias in self._problem.biases)

    # --- derivatives --------------------------------------------------------------------------

    def outward(self, layer: int) -> Item:
        """Return dE/da of a layer."""
        term = Partial(self._sheet.term("loss"), self.act(layer).term)
        return self._values(
            "outward", layer, lambda unit, at: key("dE_dact", unit, **at), lambda layer: term, gradient=True
        )

    def delta(self, layer: int) -> Item:
        """Return the error terms of a layer, dE/dz."""
        return self._values(
            "delta", layer, lambda unit, at: key("dE_dnet", unit, **at), self._names.delta, gradient=True
        )

    def weight_gradient(self, to: int, source: int) -> Item:
        """Return dE/dW."""
        term = Partial(self._sheet.term("loss"), self.weights(to, source).term)
        return self._weights(
            "gradient", to, source, lambda name: self._quantity("grad", name), ZERO, lambda to, source: term,
            gradient=True,
        )  # fmt: skip

    def bias_gradient(self, layer: int) -> Item:
        """Return dE/db of a layer that has biases."""
        bias = self.bias(layer)
        assert bias is not None
        term = Partial(self._sheet.term("loss"), bias.term)
        made = self._biases(
            "bias gradient", layer, lambda name: self._quantity("grad", name), lambda layer: term,
            gradient=True,
        )  # fmt: skip
        assert made is not None
        return made

    def jacobian(self, layer: int) -> Item:
        """Return the Jacobian da/dz of one sample, meant with a row for each net input."""
        at = At(sample=self.samples[0], passes=self._passes)
        joint, units = self.is_joint(layer), self.units(layer)

        def entry(of: str, by: str) -> str | Term:
            if of != by and not joint:
                return ZERO
            return key("dact_dnet", of, through="" if of == by else by, **at)

        entries = [[entry(of, by) for of in units] for by in units]
        term = Partial(self.act(layer).term, self.net(layer).term)
        numerator = self.layout.numerator
        made = matrix_of(entries, self._sheet.term)
        return self._keep("jacobian", layer, 0, Item(term, made.transposed if numerator else made, numerator))

    # --- making them --------------------------------------------------------------------------

    def _quantity(self, kind: str, name: str) -> Term:
        return self._sheet.term(key(kind, name, passes=self._passes))

    def _values(
        self,
        kind: str,
        layer: int,
        quantity: Callable[[str, At], str],
        named: Callable[[int], Name | Term],
        *,
        gradient: bool = False,
    ) -> Item:
        """Return the matrix with a row for each unit and a column for each sample, as it is printed."""
        found = self._made.get((kind, layer, 0))
        if found is not None:
            return found
        keys = [
            [quantity(unit, At(sample=sample, passes=self._passes)) for sample in self.samples]
            for unit in self.units(layer)
        ]
        ends = self._sheet.graph.ends - set(self._problem.outputs) if gradient else frozenset()
        entries = [
            [ZERO if unit in ends else self._sheet.term(text) for text in row]
            for unit, row in zip(self.units(layer), keys, strict=True)
        ]
        turned = self.layout.rows != (gradient and self.layout.numerator)
        return self._item(kind, layer, _term(named(layer)), entries, turned, turn=turned)

    def _weights(
        self,
        kind: str,
        to: int,
        source: int,
        entry: Callable[[str], Term],
        missing: Term,
        named: Callable[[int, int], Name | Term],
        *,
        gradient: bool = False,
    ) -> Item:
        found = self._made.get((kind, to, source))
        if found is not None:
            return found
        names = {(weight.target, weight.source): weight.name for weight in self._problem.weights}
        entries = [
            [
                entry(names[target, sender]) if (target, sender) in names else missing
                for sender in self.units(source)
            ]
            for target in self.units(to)
        ]
        turned = self.layout.from_to != (gradient and self.layout.numerator)
        made = matrix_of(entries, self._sheet.term)
        term = _term(named(to, source))
        return self._keep(kind, to, source, Item(term, made.transposed if turned else made, turned))

    def _biases(
        self,
        kind: str,
        layer: int,
        entry: Callable[[str], Term],
        named: Callable[[int], Name | Term],
        *,
        gradient: bool = False,
    ) -> Item | None:
        names = {unit: bias.name for bias in self._problem.biases for unit in bias.targets}
        units = self.units(layer)
        if not any(unit in names for unit in units):
            return None
        entries = [[entry(names[unit]) if unit in names else ZERO] for unit in units]
        turned = self.layout.rows != (gradient and self.layout.numerator)
        return self._item(kind, layer, _term(named(layer)), entries, turned, turn=turned)

    def _item(
        self,
        kind: str,
        layer: int,
        term: Term,
        entries: object,
        turned: bool = False,
        *,
        turn: bool = False,
    ) -> Item:
        made = matrix_of(entries, self._sheet.term)  # type: ignore[arg-type]
        return self._keep(kind, layer, 0, Item(term, made.transposed if turn else made, turned))

    def _keep(self, kind: str, layer: int, source: int, item: Item) -> Item:
        self._made[kind, layer, source] = item
        return self.readings.name(item)


def _term(named: Name | Term) -> Term:
    return Symbol(named) if isinstance(named, Name) else named
