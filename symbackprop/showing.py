"""How much is shown: what is derived in full, what stands in a table, what is left out.

Nothing here knows a kind of network: parameters and units come in groups (the layers of a dense network, the
stages or families of another), and every choice is made group by group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .errors import SymbackpropError
from .formulas.terms import keys
from .keys import parse_key
from .network.operations import LayerActivation, NetInput, Node, UnitActivation
from .spec.patterns import fitting
from .spec.problem import Problem
from .spec.suggest import did_you_mean, listed

Place = Literal["derived", "tabulated", "omitted"]
Group = tuple[str, ...]

ALL, REPRESENTATIVE, OUTPUTS, LAYER = "all", "representative", "outputs", "layer:"

#: Where nothing is asked for, a group of more parameters has its first ones derived and all tabulated.
MANY_PARAMETERS = 24
MANY_UNITS = 8
FIRST_PARAMETERS, FIRST_UNITS = 3, 2

#: Of more groups than these a short sheet shows the work of the first and of the last two only.
MANY_GROUPS = 5

#: How many of a group a `representative` sheet tabulates; the rest are left out, and it says so.
MOST_TABULATED = 90


class UnknownName(SymbackpropError):
    """A word of `show` that names nothing: what it was, what was expected, what was probably meant."""

    def __init__(self, word: str, expected: str, hint: str) -> None:
        """Keep the parts for a message that also names the place."""
        self.word, self.expected, self.hint = word, expected, hint
        super().__init__(f"{word!r} fits no parameter; expected {expected}" + (f". {hint}" if hint else ""))


class Parts(NamedTuple):
    """Names by how they are shown, each in the order in which they were given."""

    derived: Group
    tabulated: Group
    omitted: Group


@dataclass(frozen=True, slots=True)
class Selection:
    """How much of a problem a sheet shows.

    asked: the words that were asked for, () where nothing was. parameters, units: by name how each is shown.
    restricted: parameters were listed by name, so that only their gradients are derived at all.
    """

    asked: tuple[str, ...] = ()
    parameters: Mapping[str, Place] = field(default_factory=dict)
    units: Mapping[str, Place] = field(default_factory=dict)
    restricted: bool = False

    @property
    def is_short(self) -> bool:
        """Whether less than usual is shown: some parameters, or representatives."""
        return bool(self.asked) and ALL not in self.asked

    def split(self, names: Iterable[str]) -> Parts:
        """Return parameters by how they are shown; a name that is not known is derived."""
        return _parts(names, self.parameters)

    def split_units(self, names: Iterable[str]) -> Parts:
        """Return units by how they are shown; a name that is not known is derived."""
        return _parts(names, self.units)

    @property
    def omitted(self) -> Group:
        """The parameters that are left out."""
        return tuple(name for name, place in self.parameters.items() if place == "omitted")


def words_of(show: str | Sequence[str]) -> tuple[str, ...]:
    """Return the words of a list, or of a text separated by commas."""
    parts = show.split(",") if isinstance(show, str) else show
    return tuple(word.strip() for word in parts if word.strip())


def selection_of(problem: Problem) -> Selection:
    """Return how much is shown of a problem, by its own `show`.

    Raises:
        UnknownName: a word of it names no parameter and no group.
    """
    return select(problem.show, parameter_groups(problem), unit_groups(problem), _fed_by(problem))


def select(
    asked: Sequence[str],
    parameters: Sequence[Group],
    units: Sequence[Group],
    fed: Mapping[str, Group],
) -> Selection:
    """Return how each parameter and unit is shown.

    Args:
        asked: words as in `--show`: names, patterns (`w2_*`), `layer:2`, `outputs`, `representative`, `all`.
        parameters: the parameters group by group, the outputs' last.
        units: the computed units group by group.
        fed: by parameter the units that it enters, which are shown first where the parameter is.

    Raises:
        UnknownName: a word names nothing.
    """
    words = tuple(dict.fromkeys(asked))
    named = _named(words, parameters)
    if ALL in words:
        return Selection(words, _everything(parameters), _everything(units))
    if not words:
        by_name = _first_ones(parameters, MANY_PARAMETERS, FIRST_PARAMETERS)
        return Selection((), by_name, _first_ones(units, MANY_UNITS, FIRST_UNITS))
    restricted = REPRESENTATIVE not in words
    places: dict[str, Place] = {}
    for number, group in enumerate(parameters):
        chosen = [name for name in group if name in named]
        if not restricted and _is_representative(number, len(parameters)):
            chosen = _with_representatives(group, chosen, fed)
        derived = frozenset(chosen)
        rest = [name for name in group if name not in derived]
        table = frozenset() if restricted else frozenset(rest[:MOST_TABULATED])
        for name in group:
            places[name] = "derived" if name in derived else "tabulated" if name in table else "omitted"
    wanted = {unit for name, place in places.items() if place == "derived" for unit in fed.get(name, ())}
    return Selection(words, places, _units(units, wanted), restricted)


def parameter_groups(problem: Problem) -> tuple[Group, ...]:
    """Return the parameters by layer, that of the last unit they enter; by family in other networks."""
    found: dict[object, list[str]] = {}
    if problem.architecture is not None:
        for parameter in problem.architecture.parameters:
            found.setdefault(parameter.family or parameter.name, []).append(parameter.name)
        return tuple(tuple(group) for group in found.values())
    layer_of = {unit: number for number, layer in enumerate(problem.layers) for unit in layer.units}
    for number in range(1, len(problem.layers)):
        found[number] = []
    fed = _fed_by(problem)
    for weight in problem.weights:
        found[max(layer_of[unit] for unit in fed[weight.name])].append(weight.name)
    for bias in problem.biases:
        found[max(layer_of[unit] for unit in bias.targets)].append(bias.name)
    return tuple(tuple(group) for group in found.values())


def unit_groups(problem: Problem) -> tuple[Group, ...]:
    """Return the computed units by layer, or by stage in networks that are not layers of dense units."""
    if problem.architecture is None:
        return tuple(layer.units for layer in problem.layers[1:])
    stages = problem.architecture.stages
    computed = (NetInput, UnitActivation, LayerActivation, Node)
    groups = (
        dict.fromkeys(operation.unit for operation in stage.operations if isinstance(operation, computed))
        for stage in stages
    )
    return tuple(tuple(group) for group in groups)


def _fed_by(problem: Problem) -> dict[str, Group]:
    """Return by parameter the units that it enters."""
    alone = {unit: (unit,) for unit in problem.units}
    fed: dict[str, Group] = {weight.name: alone[weight.target] for weight in problem.weights}
    for _, tie in problem.ties:
        fed[tie.name] += (tie.target,)
    fed.update((bias.name, bias.targets) for bias in problem.biases)
    if problem.architecture is None:
        return fed
    entered: dict[str, dict[str, None]] = {parameter.name: {} for parameter in problem.parameters}
    for stage in problem.architecture.stages:
        for operation in stage.operations:
            for name in _used(operation):
                if name in entered:
                    entered[name][parse_key(operation.key).subject] = None
    return fed | {name: tuple(units) for name, units in entered.items()}


def _used(operation: object) -> Iterator[str]:
    match operation:
        case NetInput(edges=edges, bias=bias):
            yield from (weight for _, weight in edges)
            if bias is not None:
                yield bias
        case Node(formula=formula):
            yield from keys(formula)


def _named(words: Sequence[str], groups: Sequence[Group]) -> frozenset[str]:
    """Return the parameters that the words name, patterns and groups resolved."""
    everything = [name for group in groups for name in group]
    known = frozenset(everything)
    named: set[str] = set()
    for word in words:
        if word in known:
            named.add(word)
        elif word == OUTPUTS:
            named.update(groups[-1] if groups else ())
        elif word.startswith(LAYER):
            named.update(_layer(word, groups))
        elif word not in (ALL, REPRESENTATIVE):
            found = fitting(word, everything)
            if not found:
                raise _unknown(word, everything)
            named.update(found)
    return frozenset(named)


def _layer(word: str, groups: Sequence[Group]) -> Group:
    number = word.removeprefix(LAYER)
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(groups)):
        raise UnknownName(word, f"layer:1 to layer:{len(groups)}", "")
    return groups[int(number) - 1]


def _unknown(word: str, names: Sequence[str]) -> UnknownName:
    words = [ALL, REPRESENTATIVE, OUTPUTS]
    expected = f"one of {listed(names, 8)}, a pattern such as w2_*, layer:1, {', '.join(words)}"
    near = did_you_mean(word, [*words, *names])
    return UnknownName(word, expected, near)


def _parts(names: Iterable[str], places: Mapping[str, Place]) -> Parts:
    found: dict[Place, list[str]] = {"derived": [], "tabulated": [], "omitted": []}
    for name in names:
        found[places.get(name, "derived")].append(name)
    return Parts(tuple(found["derived"]), tuple(found["tabulated"]), tuple(found["omitted"]))


def _everything(groups: Sequence[Group]) -> dict[str, Place]:
    return {name: "derived" for group in groups for name in group}


def _first_ones(groups: Sequence[Group], many: int, first: int) -> dict[str, Place]:
    """Derive small groups, and of larger ones the first; tabulate all others."""
    places: dict[str, Place] = {}
    for group in groups:
        full = len(group) if len(group) <= many else first
        places.update({name: "derived" if index < full else "tabulated" for index, name in enumerate(group)})
    return places


def _with_representatives(group: Group, chosen: list[str], fed: Mapping[str, Group]) -> list[str]:
    """Return those chosen of a group, or its first parameter and the first that enters alone the same units.

    In a dense layer these are a weight and the bias of the same unit, which share all that comes before.
    """
    if chosen or not group:
        return chosen
    first = group[0]
    partners = [name for name in reversed(group) if name != first and fed.get(name) == fed.get(first)]
    return [first, *partners[:1]]


def _is_representative(number: int, groups: int) -> bool:
    """Return whether a group's work is shown: of many groups that of the first and of the last two."""
    return groups <= MANY_GROUPS or number in (0, groups - 2, groups - 1)


def _units(groups: Sequence[Group], wanted: set[str]) -> dict[str, Place]:
    """Derive of each group the units that what is shown enters, but not many; tabulate the others."""
    places: dict[str, Place] = {}
    for number, group in enumerate(groups):
        first = [unit for unit in group if unit in wanted][:FIRST_UNITS]
        if not first and _is_representative(number, len(groups)):
            first = list(group[:1])
        few = len(group) <= FIRST_UNITS and _is_representative(number, len(groups))
        derived = frozenset(group if few else first)
        table = frozenset([unit for unit in group if unit not in derived][:MOST_TABULATED])
        for unit in group:
            places[unit] = "derived" if unit in derived else "tabulated" if unit in table else "omitted"
    return places


__all__ = [
    "Group",
    "Parts",
    "Place",
    "Selection",
    "UnknownName",
    "parameter_groups",
    "select",
    "selection_of",
    "unit_groups",
    "words_of",
]
