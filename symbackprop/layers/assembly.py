"""An assembly: the operations of a network, collected while its layers are laid one after another.

A layer takes an array of unit names and returns another: what it receives and what it sends out. An array
of names has the shape of the data (units; time steps x units; channels x rows x columns), so that a layer
addresses a unit by its place, and every name stands for one scalar of each sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..formulas.names import Name
from ..formulas.terms import Number, Symbol, Term, replace_keys
from ..keys import key
from ..network.architecture import Architecture, Parameter, Rows, Stage
from ..network.operations import Activation, LayerActivation, NetInput, Node, Operation, UnitActivation
from ..rules import ActivationRule, activation_rule, is_layer_activation, layer_rule
from ..rules.activation import Settings
from ..spec.activations import read_activation
from ..spec.faults import Path, Written
from ..spec.function_forms import ActivationForm, OwnActivationForm
from .naming import element, element_name, printed

#: Unit names (or parameter names) in the shape of the data.
Units = np.ndarray[Any, Any]
Numbers = np.ndarray[Any, Any]
Sample = int | None


class Assembly:
    """Collects stages, parameters and printed names.

    `samples` are (None,) or (1, 2, ...); `inputs` the names of the input units. What a layer adds for a
    unit is added for every sample.
    """

    def __init__(self, samples: Sequence[Sample], inputs: Iterable[str], written: Written) -> None:
        """Start with nothing laid."""
        self.samples = tuple(samples)
        inputs = frozenset(inputs)
        self.inputs = inputs
        self.names: dict[str, Name] = {}
        self.parameters: list[Parameter] = []
        self.outputs: dict[str, Units] = {}  # of the layers laid so far, by name
        self.data: dict[str, tuple[Number, ...]] = {}  # of the inputs, a number for each sample
        self.constants: dict[str, tuple[Number, ...]] = {}  # given numbers that a layer adds, one per sample
        self.wired: dict[str, None] = {}  # inputs whose numbers decide which formulas there are
        self.kernels: dict[str, Units] = {}  # the weights of named layers, for layers that are tied to them
        self.spatial: dict[tuple[str, tuple[int, ...]], int] = {}  # by first unit and shape: axes in space
        self.draws = False  # whether weights without a value are drawn from a seeded start
        self.partly = False  # whether something is given in place of others, so that weights may be left open
        self.columns = False  # whether a weight matrix has a row per sending unit
        self.last = False  # whether the layer that is being laid is the network's last
        self.place: Path = ()  # where that layer is written
        self.written = written
        self._own: set[str] = set()  # the names of the parameters
        self._taken: set[str] = set(inputs)  # the names of inputs, units and parameters
        self._arrays: dict[str, Rows] = {}
        self._counts: Counter[str] = Counter()
        self._stages: list[tuple[str, str, str, list[Operation]]] = []

    def number_of(self, kind: str) -> int:
        """Return how many layers of a kind have been laid with this one."""
        self._counts[kind] += 1
        return self._counts[kind]

    def activation_kind(self, field: ActivationForm | OwnActivationForm | str) -> Activation:
        """Return the activation that a layer's field names.

        Raises:
            ProblemError: it has no such setting.
        """
        return read_activation(field, (*self.place, "activation"), self.written)

    # --- stages -----------------------------------------------------------------------------

    def stage(self, title: str, note: str = "", part: str = "") -> None:
        """Begin a part that the sheet shows under a title of its own, with one sentence about it.

        part: a time step's mark, `t2`; then what each time step adds to a gradient is a quantity of its own.
        """
        self._stages.append((title, note, part, []))

    def finish(self) -> Architecture:
        """Return everything that was laid; stages without operations are dropped."""
        stages = tuple(
            Stage(title, tuple(made), note, part) for title, note, part, made in self._stages if made
        )
        return Architecture(stages, tuple(self.parameters), self.names, self._arrays, tuple(self.wired))

    def _add(self, operations: Iterable[Operation]) -> None:
        if not self._stages:
            self.stage("Forward pass")
        self._stages[-1][3].extend(operations)

    # --- parameters -------------------------------------------------------------------------

    def parameter(
        self, name: str, value: Number | None, name_printed: Name | None = None, family: str = ""
    ) -> str:
        """Add a parameter, once however often it is used, and return its name."""
        self._take(name)
        self.parameters.append(Parameter(name, value, family or name))
        self._own.add(name)
        self.names[name] = name_printed or printed(name)
        return name

    def parameter_array(self, family: str, values: Numbers) -> Units:
        """Add a parameter for each element of an array (`W_xh` gives W_xh_1_2) and return their names."""
        names = np.empty(values.shape, dtype=object)
        for place in np.ndindex(values.shape):
            index = tuple(number + 1 for number in place)
            value: Any = values[place]
            names[place] = self.parameter(element(family, index), value, printed(family, index), family)
        self.array(family, names)
        return names

    def array(self, name: str, units: Units) -> None:
        """Note that units or parameters make up a vector or matrix, which the sheet shows as one."""
        if units.ndim in (1, 2):
            self._arrays[name] = tuple(tuple(map(str, np.atleast_1d(row))) for row in units)

    def constant(self, name: str, number: Number | Sequence[Number], name_printed: Name | None = None) -> str:
        """Add a given number, or one for each sample, that is used as an input is, and return its name."""
        self.constants[name] = (number,) * len(self.samples) if isinstance(number, Number) else tuple(number)
        self._take(name)
        self.inputs |= {name}
        self.names[name] = name_printed or printed(name)
        return name

    # --- space ------------------------------------------------------------------------------

    def axes_in_space(self, units: Units) -> int:
        """Return how many of the last axes of an array run in space: a map's rows and columns, or a length.

        Where no layer has said so, data with one axis is a length, and with more rows and columns.
        """
        return self.spatial.get((str(units.flat[0]), units.shape), min(units.ndim, 2))

    def keep_space(self, incoming: Units, outgoing: Units) -> None:
        """Note that the axes of what goes out run as those of what came in."""
        self.set_space(outgoing, self.axes_in_space(incoming))

    def set_space(self, units: Units, axes: int) -> None:
        """Note that the last axes of an array run in space."""
        self.spatial[str(units.flat[0]), units.shape] = axes

    # --- operations -------------------------------------------------------------------------

    def net(
        self, unit: str, edges: Sequence[tuple[str, str]], bias: str | None = None, name: Name | None = None
    ) -> str:
        """Add net.U, the sum of (source unit, weight) products and a bias; `name` is how net.U is printed."""
        if name is not None:
            self.names[key("net", unit)] = name
        self._add(NetInput(sample, unit, tuple(edges), bias) for sample in self.samples)
        return unit

    def activation(self, unit: str, activation: Activation, name: Name | None = None) -> str:
        """Add act.U = f(net.U); `name` is how act.U is printed."""
        self._named(unit, name)
        self._add(UnitActivation(sample, unit, activation) for sample in self.samples)
        return unit

    def node(
        self,
        unit: str,
        formula: Callable[[Sample], Term],
        name: Name | None = None,
        *,
        partials: Callable[[Sample], Mapping[str, Term]] | None = None,
        because: str = "",
        kind: str = "act",
        slope: str = "",
    ) -> str:
        """Add act.U (or net.U) = the formula for each sample, over `sent`, `quantity` and `weight` terms."""
        if kind == "act":
            self._named(unit, name)
        elif name is not None:
            self.names[key("net", unit)] = name
        for sample in self.samples:
            derived = partials(sample) if partials else {}
            self._add([Node(sample, unit, formula(sample), derived, because, kind, slope)])
        return unit

    def together(
        self,
        unit: str,
        formula: Term,
        name: Name | None = None,
        *,
        partials: Mapping[str, Term] | None = None,
        slope: str = "",
    ) -> str:
        """Add act.U = a formula over all samples at once, such as a batch's mean: one quantity for all."""
        self._named(unit, name)
        self._add([Node(None, unit, formula, partials or {}, slope=slope)])
        return unit

    def activate(self, units: Sequence[str], activation: Activation) -> None:
        """Add act.U = f(net.U) for the units of a layer; softmax takes them all together."""
        if is_layer_activation(activation):
            for unit in units:
                self._named(unit, None)
            self._add(
                LayerActivation(sample, unit, tuple(units), activation)
                for sample in self.samples
                for unit in units
            )
            return
        for unit in units:
            self.activation(unit, activation)

    def activate_sent(self, incoming: Units, activation: Activation, name: str) -> Units:
        """Add f of what each unit sends out as units of their own; softmax along the last axis."""
        result = np.empty(incoming.shape, dtype=object)
        if is_layer_activation(activation):
            for place in np.ndindex(incoming.shape[:-1]):
                result[place] = self.softmax([str(unit) for unit in incoming[place]], name, place, activation)
            return result
        rule, settings = activation_rule(activation), activation.settings
        for place in np.ndindex(incoming.shape):
            unit, source = element(name, tuple(number + 1 for number in place)), incoming[place]
            result[place] = self.node(
                unit,
                self._applied(rule, settings, str(source)),
                partials=self._slope(rule, settings, str(source), unit),
                slope=rule.because,
            )
        return result

    def _applied(self, rule: ActivationRule, settings: Settings, source: str) -> Callable[[Sample], Term]:
        return lambda sample: rule.formula(self.sent(source, sample), settings)

    def _slope(
        self, rule: ActivationRule, settings: Settings, source: str, unit: str
    ) -> Callable[[Sample], Mapping[str, Term]]:
        def slope(sample: Sample) -> Mapping[str, Term]:
            own = self.quantity(key("act", unit), sample)
            return {self.sent_key(source, sample): rule.derivative(self.sent(source, sample), own, settings)}

        return slope

    def softmax(
        self,
        sources: Sequence[str],
        name: str,
        place: Sequence[int] = (),
        activation: Activation = Activation("softmax"),
    ) -> Units:
        """Add the softmax, or another activation of a whole layer, of what some units send out."""
        units = [element(name, (*(axis + 1 for axis in place), number + 1)) for number in range(len(sources))]
        self._jointly(units, activation, lambda sample: [self.sent_key(source, sample) for source in sources])
        return np.array(units, dtype=object)

    def _jointly(
        self, units: Sequence[str], activation: Activation, arguments: Callable[[Sample], list[str]]
    ) -> None:
        rule = layer_rule(activation)
        for number, unit in enumerate(units):

            def formula(sample: Sample, number: int = number) -> Term:
                return rule.formula(number, [self.quantity(text) for text in arguments(sample)])

            def partials(sample: Sample, number: int = number) -> Mapping[str, Term]:
                own = [self.quantity(key("act", other), sample) for other in units]
                by = enumerate(arguments(sample))
                return {argument: rule.derivative(number, index, own) for index, argument in by}

            slope = f"by its own argument, {rule.because[0]}; by another's, {rule.because[1]}"
            self.node(unit, formula, partials=partials, slope=slope)

    def operation(self, *operations: Operation) -> None:
        """Add operations of any other kind."""
        self._add(operations)

    def taken(self, unit: str) -> bool:
        """Return whether a unit, an input or a parameter has this name already."""
        return unit in self._taken

    def _named(self, unit: str, name: Name | None) -> None:
        self._take(unit)
        self.names[key("act", unit)] = name or element_name(unit)

    def _take(self, name: str) -> None:
        """Refuse a name that another quantity has already."""
        if self.taken(name):
            own = self.written.at((*self.place, "name"))
            raise self.written.error(
                (*self.place, "name") if own else self.place,
                f"two things would be called {name}",
                given=own,
                expected="a name of its own for each unit and parameter",
                hint="Give the layer a name of its own: `name: ...`.",
            )
        self._taken.add(name)

    # --- terms for formulas -----------------------------------------------------------------

    def sent(self, unit: str, sample: Sample) -> Term:
        """Return the term of what a unit, or an input, sends out for a sample."""
        if unit in self.inputs:
            return self.quantity(unit, sample)
        return self.quantity(key("act", unit), sample)

    def sent_key(self, unit: str, sample: Sample) -> str:
        """Return the key of what a unit, or an input, sends out for a sample."""
        return key(unit if unit in self.inputs else key("act", unit), "", sample=sample)

    def value(self, name: str, sample: Sample) -> Term:
        """Return the term of a parameter, of an input, or of what a unit sends out."""
        return self.weight(name) if name in self._own else self.sent(name, sample)

    def sampled(self, formula: Term, sample: Sample) -> Term:
        """Return a formula over keys without sample as it stands for one; parameters have none."""
        own = {parameter.name for parameter in self.parameters}

        def at_sample(text: str, term: Term) -> Term:
            return term if text in own or text.startswith("constant.") else self.quantity(text, sample)

        return replace_keys(formula, at_sample)

    def quantity(self, name: str, sample: Sample = None) -> Term:
        """Return the term of a quantity by its key without sample, `net.h1` or `x1`."""
        text = key(name, "", sample=sample)
        return Symbol(Name("q"), text)

    def weight(self, parameter: str) -> Term:
        """Return the term of a parameter."""
        return Symbol(Name("q"), parameter)
