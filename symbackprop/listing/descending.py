"""The updates of a listing in which the library finds the gradients: optimizers, batches, clipping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..derivation.ledger import Ledger
from ..errors import SymbackpropError
from ..formulas.names import Name
from ..formulas.terms import Negation, Sum, Symbol, Term
from ..keys import key
from ..rules.optimizers import Places, UpdateRule, remembered, update_rule
from ..spec.problem import Problem
from .dialects import Dialect
from .source import number_source, python_source
from .text import assigned, wrapped

#: How the library finds loss and gradients of a function; the parameters are a dictionary.
STEPS: Mapping[str, tuple[str, ...]] = {
    "torch": (
        "E = {forward}(**parameters)",
        "slopes = torch.autograd.grad(E, list(parameters.values()), materialize_grads=True)",
        "gradients = dict(zip(parameters, slopes))",
        "E = E.detach()",
    ),
    "jax": ("E, gradients = jax.value_and_grad(lambda p: {forward}(**p))(parameters)",),
}


def refuse_descent(problem: Problem, dialect: Dialect) -> None:
    """Refuse updates that a program of this kind does not make.

    Raises:
        SymbackpropError: the text says what is possible instead.
    """
    instead = "--format numpy writes every line of the first update"
    if problem.descent.looks_ahead:
        raise SymbackpropError(f"no listing with {dialect.title}: gradients are taken ahead; {instead}")
    if problem.descent.rates:
        raise SymbackpropError(
            f"no listing with {dialect.title}: parameters have learning rates of their own; {instead}"
        )


def descent_lines(
    problem: Problem,
    ledger: Ledger,
    dialect: Dialect,
    variables: Mapping[str, str],
    forwards: Sequence[str],
    after: str,
) -> list[str]:
    """Return the lines of a whole run, after the parameters and the forward functions.

    Args:
        problem: with a learning rate.
        ledger: for the rates of a schedule.
        dialect: PyTorch or JAX.
        variables: by parameter the name that it has in the program.
        forwards: the function of each batch, in their order.
        after: the function of the loss over all samples.
    """
    descent = problem.descent
    names = [f'"{variables[name]}"' for name in variables if name not in problem.frozen]
    each = "trained" if len(names) < len(variables) else "parameters"
    lines = wrapped("trained = [", names, "]") if each == "trained" else []
    lines += _settings(problem, ledger)
    lines += _moments(problem, variables, dialect)
    if len(forwards) > 1:
        lines += wrapped("batches = [", forwards, "]")
    lines += ["", f"for update in range(1, {problem.updates + 1}):"]
    several = len(forwards) > 1
    body = ["forward = batches[(update - 1) % len(batches)]"] * several
    start = "forward" if several else forwards[0]
    body += [line.format(forward=start) for line in STEPS[dialect.name]]
    body += [
        "if update == 1:",
        "    first, first_gradients = float(E), dict(gradients)",
        '    print("loss =", first)',
        "    for name, gradient in gradients.items():",
        '        print(f"gradient by {name} =", float(gradient))',
    ]
    if descent.schedule is not None:
        body.append("learning_rate = rates[update - 1]")
    body += _clipping(problem, dialect, each)
    body.append(f"for name in {each}:")
    body += [f"    {line}" for line in _rule_lines(problem, dialect)]
    lines += [f"    {line}" for line in body]
    return [
        *lines,
        "",
        "for name, value in parameters.items():",
        '    print(f"new {name} =", float(value))',
        f"after = float({after}(**parameters))",
        'print("loss afterwards =", after)',
    ]


def _settings(problem: Problem, ledger: Ledger) -> list[str]:
    assert problem.learning_rate is not None
    optimizer = problem.descent.optimizer
    lines = []
    if problem.descent.schedule is None:
        lines.append(f"learning_rate = {number_source(problem.learning_rate)}")
    else:
        keys = [key("learning_rate", "", passes=passes) for passes in range(problem.updates)]
        if not all(ledger.known(name) for name in keys):
            raise SymbackpropError("no listing: the run is too long for the rates of its schedule")
        rates = [str(ledger.significant(name, 17)) for name in keys]
        lines += ["# the learning rate of each update", *wrapped("rates = [", rates, "]")]
    return lines + [f"{name} = {number_source(number)}" for name, number in optimizer.settings.items()]


def _moments(problem: Problem, variables: Mapping[str, str], dialect: Dialect) -> list[str]:
    lines = []
    form = "torch.tensor({})" if dialect.tensors else "{}"
    for kind in remembered(problem.descent.optimizer):
        given = {
            variables[name]: number_source(number)
            for name in variables
            if (number := problem.descent.state.get(key(kind, name))) is not None
        }
        lines.append(f"{kind} = dict.fromkeys(parameters, {form.format('0.0')})")
        lines += [f'{kind}["{name}"] = {form.format(number)}' for name, number in given.items()]
    return lines


def _clipping(problem: Problem, dialect: Dialect, each: str) -> list[str]:
    clip = problem.descent.clip
    if clip is None:
        return []
    bound = number_source(clip.bound)
    largest, smallest = dialect.functions["max"], dialect.functions["min"]
    if clip.kind == "value":
        low, high = (
            (f"torch.tensor(-{bound})", f"torch.tensor({bound})") if dialect.tensors else (f"-{bound}", bound)
        )
        cut = f"{largest}({smallest}(g, {high}), {low})"
        return ["for name, g in gradients.items():", f"    gradients[name] = {cut}"]
    more = "" if clip.epsilon is None else f" + {number_source(clip.epsilon)}"
    return [
        f"norm = sum(float(gradients[name]) ** 2 for name in {each}) ** 0.5{more}",
        f"factor = min(1.0, {bound} / norm) if norm else 1.0",
        "gradients = {name: factor * g for name, g in gradients.items()}",
    ]


def _rule_lines(problem: Problem, dialect: Dialect) -> list[str]:
    """Return the lines of one parameter's update, inside the loop over them."""
    descent = problem.descent
    fresh = not descent.steps and not any(name.startswith("velocity.") for name in descent.state)
    first, later = (update_rule(descent, _places(problem, first=one and fresh)) for one in (True, False))
    lines = ["w, g = parameters[name], gradients[name]"]
    for one, other in zip(first.moments, later.moments, strict=True):
        slot = _SLOTS.get(other.kind, f"{other.kind}[name]" if other.state else other.kind)
        if one == other:
            lines += assigned(slot, _source(other.formula, problem, dialect))
        else:
            lines += [
                "if update == 1:",
                *assigned(slot, _source(one.formula, problem, dialect), "    "),
                "else:",
                *assigned(slot, _source(other.formula, problem, dialect), "    "),
            ]
    lines += assigned("w", _source(_new(later), problem, dialect))
    kept = "w.detach().requires_grad_()" if dialect.tensors else "w"
    return [*lines, f"parameters[name] = {kept}"]


#: Quantities that one update makes and the next does not need, by the variable that they have.
_SLOTS: Mapping[str, str] = {"decayed": "g"}


def _new(rule: UpdateRule) -> Term:
    return Sum((_slot("old"), *rule.step))


def _places(problem: Problem, *, first: bool) -> Places:
    down = (lambda up: up) if problem.descent.ascent else Negation
    return Places(_slot, _slot("count"), first, down)


def _slot(name: str) -> Term:
    return Symbol(Name("x"), name)


def _source(term: Term, problem: Problem, dialect: Dialect) -> str:
    states = remembered(problem.descent.optimizer)
    steps = problem.descent.steps

    def variable(place: str) -> str:
        kind, _, _ = place.partition(".")
        if kind in states:
            return f"{kind}[name]"
        plain = {"old": "w", "gradient": "g", "decayed": "g", "rate": "learning_rate"}
        plain["count"] = f"({steps} + update)" if steps else "update"
        return plain.get(place, place)

    return python_source(term, variable, dialect)
