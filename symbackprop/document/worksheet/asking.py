"""What is asked: the quantities of a task in the order of the work, each in its section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...derivation.ledger import Ledger
from ...formulas.terms import Symbol
from ...keys import key, parse_key
from ...network.graph import Graph
from ...showing import selection_of
from ...spec.suggest import did_you_mean, listed
from ...spec.worksheet import SETS, Origin, Task
from .places import Asked, Places, pass_of, stage_of


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
    places = Places(problem)
    return Question(tuple(sorted((places.place(item) for item in asked), key=places.rank)), ordered)


def _own(quantity: str, ledger: Ledger) -> str:
    """Return the quantity that one only repeats by the same name, as a loss that is a node; else itself."""
    formula, term = ledger.simplified(quantity), ledger.term(quantity)
    if isinstance(formula, Symbol) and isinstance(term, Symbol) and formula.key in ledger.formulas:
        return _own(formula.key, ledger) if formula.name == term.name else quantity
    return quantity


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


def needed_for(asked: Iterable[str], ledger: Ledger) -> frozenset[str]:
    """Return the given quantities that some depend on."""
    used = (one for quantity in closure(asked, ledger) for one in ledger.uses(quantity))
    return frozenset(one for one in used if ledger.given(one) is not None)


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
    stages = {quantity: stage_of(parse_key(quantity)) for quantity in ledger}
    if word == "second_pass":
        return [
            q for q, stage in stages.items() if (stage == 0 and parse_key(q).passes == 1) or q == "loss@1"
        ]
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
    """Return what a key or pattern names; without @ or | only quantities of the first pass, as wholes."""
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
    return ("@" in word or not pass_of(part)) and ("|" in word or not part.through)


def _examples(known: Sequence[str]) -> str:
    """Return a key of each of the first kinds, as examples."""
    by_kind: dict[str, str] = {}
    for quantity in known:
        by_kind.setdefault(parse_key(quantity).kind or quantity, quantity)
    return listed(list(by_kind.values())[:5])
