"""What the vectors and matrices of a network are called, in the letters of a course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...formulas.names import Name
from ...notation.naming import of_layer, updated
from ...notation.notation import Notation
from ...rules import is_layer_activation
from ...spec.problem import Problem
from ..dense.slopes import function_letter

#: Greek letters with a capital that is not a Latin one.
_GREEK_CAPITALS = frozenset(
    ["gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"]
)


@dataclass(frozen=True, slots=True)
class MatrixNames:
    """Bold names: letters of the notation with the layer; capitals where a matrix holds several samples."""

    problem: Problem
    notation: Notation
    passes: int
    batch: bool

    def base(self, letter: str) -> Name:
        """Return a letter as the name of a vector, or of a batch's matrix."""
        base = replace(Name.parse(letter), bold=True)
        return replace(base, base=_capital(base.base)) if self.batch else base

    def net(self, layer: int) -> Name:
        """Return the name of a layer's net inputs."""
        return self._of_pass(of_layer(self.base(self.notation.net), layer, self.notation))

    def sent(self, layer: int) -> Name:
        """Return the name of what a layer sends out: x, a^(1), y hat."""
        notation, last = self.notation, len(self.problem.layers) - 1
        if not layer:
            return self.base(notation.input or "x")
        if layer == last and notation.output != notation.hidden:
            return self._of_pass(self.base(notation.output))
        return self._of_pass(of_layer(self.base(notation.hidden), layer, notation))

    def delta(self, layer: int) -> Name:
        """Return the name of a layer's error terms."""
        return of_layer(self.base(self.notation.delta), layer, self.notation)

    def weights(self, to: int, source: int) -> Name:
        """Return the name of a weight matrix; one past a layer names the layer that it comes from."""
        letter = Name.parse(self.notation.weight or "w")
        own = of_layer(replace(letter, base=_capital(letter.base), bold=True), to, self.notation)
        if source != to - 1:
            below = of_layer(Name("x"), source, self.notation)
            own = own.with_sub((*below.sub, *below.sup)[0].strip("()[]"))
        return updated(own, self.notation) if self.passes else own

    def new_weights(self, to: int, source: int) -> Name:
        """Return the name of a weight matrix after the update."""
        return updated(self.weights(to, source), self.notation)

    def mask(self, letter: str) -> Callable[[int, int], Name]:
        """Return what names the matrix of zeros and ones beside a weight matrix."""
        return lambda to, source: replace(self.weights(to, source), base=letter)

    def bias(self, layer: int) -> Name:
        """Return the name of a layer's biases."""
        usual = "theta" if self.problem.thresholds else "b"
        base = replace(Name.parse(self.notation.bias or usual), bold=True)
        own = of_layer(base, layer, self.notation)
        return updated(own, self.notation) if self.passes else own

    def new_bias(self, layer: int) -> Name:
        """Return the name of a layer's biases after the update."""
        return updated(self.bias(layer), self.notation)

    def function(self, layer: int) -> Name:
        """Return the letter of a layer's activation function, or the name of one of a whole layer."""
        activation = self.problem.layers[layer].activation
        assert activation is not None
        if is_layer_activation(activation):
            return Name(activation.name.replace("_", " "))
        return function_letter(self.notation, activation)

    def _of_pass(self, name: Name) -> Name:
        if not self.passes:
            return name
        primed = self.notation.second_pass == "prime" and self.passes == 1
        return name.primed() if primed else name.with_sup(f"({self.passes})")


def _capital(base: str) -> str:
    """Return the capital of a letter; a word stays as it is."""
    if base in _GREEK_CAPITALS:
        return base.capitalize()
    return base.upper() if len(base) == 1 else base
