"""What is asked: the quantities of a task in the order of the work, each in its section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...derivation.ledger import Ledger
from ...formulas.terms import Symbol, Term
from ...keys import Key, key, parse_key
from ...network.graph import Graph
from ...notation.update_names import COUNTED, OF_PASS
from ...showing import selection_of
from ...spec.problem import Problem
from ...spec.suggest import did_you_mean, listed
from ...spec.worksheet import SETS, Origin, Task
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


def question(task: Task, graph: Graph, ledger: Ledger) -> Question:
    """Return the quantities that the words of a task ask for.

    A set asks for all that leads to it; a key or a pattern of keys for just these quantities.

    Raises:
        ProblemError: a word names nothing, or nothing that has a value; the text says where it is written.
    """
    problem = graph.problem
    roots: dict[str, None] = {}
    chosen: dict[str, None] = {}
    for word in task.ask:
        if word in SETS:
            roots.update(dict.fromkeys(_set(word, task.asked_in, graph, ledger)))
        else:
            chosen.update(dict.fromkeys(_named(word, task.asked_in, ledger)))
    wanted = {_own(quantity, ledger) for quantity in closure(roots, ledger) | chosen.keys()}
    asked = [quantity for quantity in ledger if quantity in wanted and ledger.known(quantity)]
    if not asked:
        raise task.asked_in.error(
            "nothing that is asked has a value",
            given=", ".join(task.ask),
            expected="quantities whose numbers the problem leads to",
        )
    on_the_way = {_own(quantity, ledger) for quantity in closure(asked, ledger)} - set(asked)
    ordered = tuple(quantity for quantity in ledger if quantity in on_the_way and ledger.known(quantity))
    places = _Places(problem)
    return Question(tuple(sorted((places.place(item) for item in asked), key=places.rank)), ordered)


def _own(quantity: str, ledger: Ledger) -> str:
    """Return the quantity that another one only repeats by the same name, as a loss that is a node; else itself."""
    formula = ledger.simplified(quantity)
    repeats = isinstance(formula, Symbol) and formula.key in ledger.formulas
    return _own(formula.key, ledger) if repeats and _alike(formula, ledger.term(quantity)) else quantity


def _alike(one: Symbol, other: Term) -> bool:
    return isinstance(other, Symbol) and one.name == other.name


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


def _set(word: str, asked_in: Origin, graph: Graph, ledger: Ledger) -> list[str]:
    """Return the quantities that a set asks for, without what leads to them."""
    found = _members(word, graph, ledger)
    if not found:
        message, expected = _MISSING.get(word, ("the problem has none of these quantities", "another set"))
        raise asked_in.error(message, given=word, expected=expected)
    return found


_MISSING: Mapping[str, tuple[str, str]] = {
    "updates": ("the problem has no learning rate, so nothing is updated", "gradients, or another set"),
    "second_pass": ("nothing is updated, so there is no second pass", "a problem with a learning rate"),
}


def _members(word: str, graph: Graph, ledger: Ledger) -> list[str]:
    problem = graph.problem
    stages = {quantity: _stage(parse_key(quantity)) for quantity in ledger}
    if word == "second_pass":
        return [q for q, stage in stages.items() if stage == 0 and parse_key(q).passes == 1 or q == "loss@1"]
    first = [q for q in ledger if not parse_key(q).passes and not parse_key(q).through]
    forward = [q for q in first if stages[q] == 0]
    if word == "forward":
        return forward
    loss = [quantity for quantity in ("loss",) if quantity in ledger]
    if word == "error":
        return [*forward, *loss]
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
    if word == "gradients":
        return gradients
    if word == "updates":
        return new
    return [*forward, *loss, *gradients, *new] if word == "everything" else new or gradients


def _named(word: str, asked_in: Origin, ledger: Ledger) -> list[str]:
    """Return the quantities that a key or pattern names; without @ or | only those of the first pass, as wholes."""
    if word in ledger.formulas:
        return [word]
    fitting = [quantity for quantity in ledger if fnmatchcase(quantity, word)]
    found = [quantity for quantity in fitting if _is_plain(quantity, word)] or fitting
    if found:
        return found
    if ledger.given(word) is not None:
        raise asked_in.error("this quantity is given", given=word, expected="one that is to be computed")
    known = list(ledger)
    raise asked_in.error(
        "fits no quantity of the problem",
        given=word,
        expected=f"one of {', '.join(SETS)}, or keys such as {_examples(known)}",
        hint=did_you_mean(word, [*SETS, *known]),
    )


def _is_plain(quantity: str, word: str) -> bool:
    part = parse_key(quantity)
    return ("@" in word or not _pass(part)) and ("|" in word or not part.through)


def _examples(known: Sequence[str]) -> str:
    """Return a key of each of the first kinds, as examples."""
    by_kind: dict[str, str] = {}
    for quantity in known:
        by_kind.setdefault(parse_key(quantity).kind or quantity, quantity)
    return listed(list(by_kind.values())[:5])


class _Places:
    """Where the quantities of a problem stand: section, path and family of each."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._layer: Mapping[str, int] = {
            unit: index for index, layer in enumerate(problem.layers) for unit in layer.units
        }
        self._fed = _layers_of_parameters(problem, self._layer)

    def place(self, quantity: str) -> Asked:
        part = parse_key(quantity)
        unit = part.kind in ("net", "act") and part.subject in self._layer
        path = f"{part.subject}#{part.sample}@{part.passes}" if unit else quantity
        kind = "forward" if unit else _FAMILIES.get(part.kind or part.subject, part.kind)
        return Asked(quantity, self._section(quantity), path, f"{kind or part.subject}@{part.passes}")

    def rank(self, asked: Asked) -> tuple[int, ...]:
        """Return the place of an item in the work; those of the same rank stand as they are derived.

        In a network of layers the error terms of a layer come before its gradients, both in the order of the
        samples and units and not in that of the sweep, which goes backwards.
        """
        part = parse_key(asked.key)
        stage = _stage(part)
        if stage not in (2, 3) or self._problem.architecture is not None:
            return 10 * _pass(part) + stage, 0
        layer = self._fed.get(part.subject, self._layer.get(part.subject, 0))
        place = _BACKWARDS.get(part.kind, len(_BACKWARDS))
        if part.kind not in _BACKWARDS:
            return 10 * part.passes + 2, -layer, place
        units = self._problem.layers[layer].units
        unit = units.index(part.subject) if part.subject in units else len(units)
        return 10 * part.passes + 2, -layer, place, part.sample or 0, unit

    def _section(self, quantity: str) -> str:
        part = parse_key(quantity)
        stage, number = _stage(part), _pass(part)
        if stage == UPDATE:
            return UPDATES if not number else f"{UPDATES} after update {number + 1}"
        later = f" after update {number}" if number > 1 else " with the new parameters" if number else ""
        if stage < 2:
            return (FORWARD, ERROR)[stage] + later
        if self._problem.architecture is not None:
            return ("Gradients" if stage == 3 else "Backward pass") + later
        index = self._fed.get(part.subject, self._layer.get(part.subject, 0))
        title = wording.layer_title(self._problem, index) if index else "inputs"
        return f"Backward pass: {title}{later}"


#: In which part of the work a kind of quantity is computed: forward, error, backward, gradients, updates.
UPDATE = 4
_STAGES: Mapping[str, int] = {
    "net": 0, "act": 0, "ahead": 0,
    "error": 1, "loss": 1, "data_loss": 1, "penalty": 1, "epoch_loss": 1, "residual": 1,
    "dact_dnet": 2, "dE_dact": 2, "dE_dnet": 2, "delta": 2, "dE_dtarget": 2, "grad": 3,
    "learning_rate": UPDATE, "squared_norm": UPDATE, "gradient_norm": UPDATE, "clip_factor": UPDATE,
    **dict.fromkeys((*COUNTED, *OF_PASS, "step", "new"), UPDATE),
}  # fmt: skip


#: Quantities of a unit in the backward pass, in the order in which they use each other.
_BACKWARDS: Mapping[str, int] = {"dE_dtarget": 0, "dE_dact": 0, "dact_dnet": 1, "dE_dnet": 2, "delta": 2}


def _stage(part: Key) -> int:
    return _STAGES.get(part.kind or part.subject, 2)


def _pass(part: Key) -> int:
    """Return to which pass a quantity belongs, from 0: what an update makes is counted from 1."""
    return max(part.passes, 1) - 1 if part.kind == "new" or part.kind in COUNTED else part.passes


_FAMILIES: Mapping[str, Family] = {
    "net": "forward", "act": "forward", "error": "error", "loss": "error", "residual": "error",
    "dE_dact": "error terms", "dE_dnet": "error terms", "delta": "error terms", "dact_dnet": "slopes",
}  # fmt: skip


def _layers_of_parameters(problem: Problem, layer: Mapping[str, int]) -> Mapping[str, int]:
    found = {weight.name: layer[weight.target] for weight in problem.connections}
    return found | {bias.name: max(layer[unit] for unit in bias.targets) for bias in problem.biases}
