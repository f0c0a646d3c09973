"""What is asked: the quantities of a task in the order of the work, each in its section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...derivation.ledger import Ledger
from ...errors import SymbackpropError
from ...keys import Key, key, parse_key
from ...network.graph import Graph
from ...showing import selection_of
from ...spec.problem import Problem
from ...spec.suggest import did_you_mean, listed
from ...spec.worksheet import SETS
from .. import wording

FORWARD, ERROR, UPDATES = "Forward pass", "Error", "New parameters"

#: Items alike, in whose row a faded sheet leaves more and more open.
Family = str


@dataclass(frozen=True, slots=True)
class Asked:
    """A quantity that is asked.

    section: the title of its section. path: what it belongs to with others that are worked in one go, as
    the net input and the activation of a unit. family: the items alike.
    """

    key: str
    section: str
    path: str
    family: Family


@dataclass(frozen=True, slots=True)
class Question:
    """All that a task asks, and what has to be computed on the way without being asked."""

    asked: tuple[Asked, ...]
    on_the_way: tuple[str, ...]


def question(ask: Sequence[str], problem: Problem, graph: Graph, ledger: Ledger) -> Question:
    """Return the quantities that the words of a task ask for.

    A set asks for all that leads to it; a key or a pattern of keys for just these quantities.

    Raises:
        SymbackpropError: a word names nothing, or nothing that has a value.
    """
    roots: dict[str, None] = {}
    chosen: dict[str, None] = {}
    for word in ask:
        if word in SETS:
            roots.update(dict.fromkeys(_set(word, problem, graph, ledger)))
        else:
            chosen.update(dict.fromkeys(_named(word, ledger)))
    wanted = closure(roots, ledger) | chosen.keys()
    asked = [quantity for quantity in ledger if quantity in wanted and ledger.known(quantity)]
    if not asked:
        raise SymbackpropError(f"nothing to ask: {listed(list(ask))} has no quantity with a value")
    on_the_way = closure(asked, ledger) - set(asked)
    ordered = tuple(quantity for quantity in ledger if quantity in on_the_way and ledger.known(quantity))
    places = _Places(problem)
    return Question(tuple(sorted((places.place(item) for item in asked), key=places.rank)), ordered)


def closure(roots: Iterable[str], ledger: Ledger) -> set[str]:
    """Return the derived quantities that lead to some, themselves included."""
    found: set[str] = set()
    pending = [quantity for quantity in roots if quantity in ledger.formulas]
    while pending:
        quantity = pending.pop()
        if quantity in found or ledger.given(quantity) is not None:
            continue
        found.add(quantity)
        pending += [used for used in ledger.uses(quantity) if used in ledger.formulas]
    return found


def _set(word: str, problem: Problem, graph: Graph, ledger: Ledger) -> list[str]:
    stages = {quantity: _stage(parse_key(quantity)) for quantity in ledger}
    if word == "second_pass":
        return [q for q, stage in stages.items() if stage < 2 and parse_key(q).passes == 1]
    first = [q for q in ledger if not parse_key(q).passes and not parse_key(q).through]
    forward = [q for q in first if stages[q] == 0]
    if word == "forward":
        return forward
    if word == "error":
        return [*forward, *(q for q in first if stages[q] == 1)]
    shown = selection_of(problem).split(parameter.name for parameter in problem.parameters)
    names = [*shown.derived]
    if word == "output":
        outputs = frozenset(problem.outputs)
        names = [name for name in names if outputs & frozenset(graph.receivers.get(name, ()))]
    descends = ledger.adds_steps
    gradients = [
        quantity
        for name in names
        for quantity in (
            key("step", name) if descends and key("step", name) in ledger else key("grad", name),
        )
        if quantity in ledger
    ]
    if word != "output":
        gradients += [q for q in first if parse_key(q).subject in problem.wrt and q.startswith("dE_d")]
    new = [quantity for name in names if (quantity := key("new", name)) in ledger]
    loss = [quantity for quantity in ("loss",) if quantity in ledger]
    if word == "gradients":
        return gradients
    wanted = new or gradients
    return [*forward, *loss, *gradients, *new] if word == "everything" else wanted


def _named(word: str, ledger: Ledger) -> list[str]:
    found = [quantity for quantity in ledger if quantity == word or fnmatchcase(quantity, word)]
    if found:
        return found
    known = list(ledger)
    raise SymbackpropError(
        f"ask: {word!r} fits no quantity of the problem; expected one of {', '.join(SETS)}, or keys such as "
        f"{listed(known[:6])}. {did_you_mean(word, [*SETS, *known])}".rstrip()
    )


class _Places:
    """Where the quantities of a problem stand: section, path and family of each."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._layer: Mapping[str, int] = {
            unit: index for index, layer in enumerate(problem.layers) for unit in layer.units
        }
        self._fed = _layers_of_parameters(problem, self._layer)
        self._sections: dict[str, int] = {}

    def place(self, quantity: str) -> Asked:
        part = parse_key(quantity)
        section = self._section(quantity)
        self._sections.setdefault(section, len(self._sections))
        unit = part.kind in ("net", "act") and part.subject in self._layer
        path = f"{part.subject}#{part.sample}@{part.passes}" if unit else quantity
        kind = "forward" if unit else _FAMILIES.get(part.kind or part.subject, part.kind)
        return Asked(quantity, section, path, f"{kind or part.subject}@{part.passes}")

    def rank(self, asked: Asked) -> tuple[int, int]:
        part = parse_key(asked.key)
        stage, layer = _stage(part), 0
        if stage in (2, 3) and self._problem.architecture is None:
            stage, layer = 2, -self._layer_of(asked.key)
        passes = max(part.passes, 1) - 1 if stage == 4 else part.passes  # an update ends its own pass
        return 10 * passes + stage, layer

    def _layer_of(self, quantity: str) -> int:
        part = parse_key(quantity)
        return self._fed.get(part.subject, self._layer.get(part.subject, 0))

    def _section(self, quantity: str) -> str:
        part = parse_key(quantity)
        stage = _stage(part)
        later = f" after update {part.passes}" if part.passes and part.kind != "new" else ""
        if part.passes == 1 and later:
            later = " with the new parameters"
        if stage in (0, 1):
            return (FORWARD, ERROR)[stage] + later
        if stage == 4:
            return UPDATES if part.passes < 2 else f"{UPDATES} after update {part.passes}"
        if self._problem.architecture is not None:
            return ("Gradients" if stage == 3 else "Backward pass") + later
        index = self._layer_of(quantity)
        title = wording.layer_title(self._problem, index) if index else "inputs"
        return f"Backward pass: {title}{later}"


#: In which part of the work a kind of quantity is computed: forward, error, backward, gradients, updates.
_STAGES: Mapping[str, int] = {
    "net": 0, "act": 0, "error": 1, "loss": 1, "reported_loss": 1, "residual": 1, "penalty": 1, "epoch_loss": 1,
    "dact_dnet": 2, "dE_dact": 2, "dE_dnet": 2, "delta": 2, "dE_dtarget": 2, "grad": 3, "step": 4, "new": 4,
    "velocity": 4, "m": 4, "v": 4, "m_hat": 4, "v_hat": 4, "accumulator": 4, "clipped": 4, "decayed": 4,
}  # fmt: skip


def _stage(part: Key) -> int:
    return _STAGES.get(part.kind or part.subject, 2)


_FAMILIES: Mapping[str, Family] = {
    "net": "forward", "act": "forward", "error": "error", "loss": "error", "residual": "error",
    "dE_dact": "error terms", "dE_dnet": "error terms", "delta": "error terms", "dact_dnet": "slopes",
}  # fmt: skip


def _layers_of_parameters(problem: Problem, layer: Mapping[str, int]) -> Mapping[str, int]:
    found = {weight.name: layer[weight.target] for weight in problem.connections}
    return found | {bias.name: max(layer[unit] for unit in bias.targets) for bias in problem.biases}
