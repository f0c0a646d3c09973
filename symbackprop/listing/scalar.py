"""Networks of any shape as straight programs: one line for each quantity, in computing order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ..derivation.ledger import Ledger
from ..errors import SymbackpropError
from ..formulas.terms import Term, keys
from ..keys import key, parse_key
from ..network.graph import Graph
from ..notation.update_names import COUNTED
from ..oracles.arithmetic import exact_number, folded
from ..spec.problem import Problem
from .descending import STEPS, descent_lines, refuse_descent
from .dialects import Dialect
from .source import number_source, python_source
from .text import Listing, assigned, floats, program, variable, wrapped

#: A program of more lines is not read by anyone.
MOST_LINES = 3_000

#: What a quantity's variable begins with, by its kind.
_PREFIXES: Mapping[str, str] = {
    "net": "z_",
    "act": "a_",
    "error": "e_",
    "target": "t_",
    "dact_dnet": "slope_",
    "dE_dact": "da_",
    "dE_dnet": "dz_",
    "grad": "d_",
}


#: Variables of the programs themselves.
_TAKEN = (
    "forward",
    "after",
    "gradients",
    "gradient",
    "name",
    "new",
    "parameters",
    "slopes",
    "trained",
    "learning_rate",
    *(
        "update",
        "rates",
        "batches",
        "first",
        "first_gradients",
        "norm",
        "factor",
        "value",
        "w",
        "g",
        "m",
        "v",
        "u",
    ),
    *("velocity", "accumulator", "buffer", "change", "m_hat", "v_hat", "momentum", "dampening", "rho"),
    *("beta1", "beta2", "epsilon", "weight_decay", "s", "p", "parameters"),
)


class Variables(dict[str, str]):
    """A variable for each quantity key, no two alike."""

    def __init__(self) -> None:
        """Start with the names that are taken."""
        super().__init__()
        self._taken = {"np", "torch", "jax", "jnp", "math", "erf", "E", *_TAKEN}

    def __missing__(self, name: str) -> str:
        """Return a new variable."""
        parts = parse_key(name)
        prefix = _PREFIXES.get(parts.kind, f"{parts.kind}_" if parts.kind and parts.subject else "")
        plain = variable(prefix + (parts.subject or parts.kind))
        for mark, number in (("s", parts.sample), ("k", parts.passes)):
            plain += f"_{mark}{number}" if number else ""
        plain += f"_{variable(parts.through)}" if parts.through else ""
        while plain in self._taken:
            plain += "_"
        self._taken.add(plain)
        self[name] = plain
        return plain


def ledger_listing(problem: Problem, graph: Graph, ledger: Ledger, dialect: Dialect) -> Listing:
    """Return a program with every line of the sheet's first update: forward, backward and new values.

    Raises:
        SymbackpropError: there are too many lines, or a quantity has no value.
    """
    wanted = [key("loss", ""), *(name for name in ledger.formulas if _is_gradient(name))]
    new = [name for name in ledger.formulas if name.startswith("new.") and "@" not in name]
    after = ["loss@1"] if new and ledger.known("loss@1") else []
    names = Variables()
    order = _order([*wanted, *new, *after], ledger)
    given = [name for name in order if name not in ledger.formulas or ledger.given(name) is not None]
    lines = _given_lines(given, ledger, names, dialect, "{}")
    sections = (("forward pass", _is_forward), ("backward pass", _is_backward), ("update", _is_update))
    remaining = [name for name in order if name not in given]
    for title, belongs in sections:
        chosen = [name for name in remaining if belongs(name)]
        lines += ["", f"# {title}"] * bool(chosen) + _lines(chosen, ledger, names, dialect)
    last = [name for name in remaining if not any(belongs(name) for _, belongs in sections)]
    lines += ["", "# forward pass with the new values"] * bool(last) + _lines(last, ledger, names, dialect)
    shown = [*wanted, *new, *after]
    lines += ["", *(f'print("{names[name]} =", {names[name]})' for name in shown)]
    text = program(problem.title, f"every step with {dialect.title}", dialect, lines)
    return Listing(text, {name: names[name] for name in shown})


def _is_gradient(name: str) -> bool:
    return name.startswith("grad.") and not set("#@|") & set(name)


def _is_forward(name: str) -> bool:
    kind = name.partition(".")[0].partition("#")[0]
    return "@" not in name and kind in ("net", "act", "error", "loss", "data_loss", "penalty")


def _is_backward(name: str) -> bool:
    return "@" not in name and name.partition(".")[0] in ("dact_dnet", "dE_dact", "dE_dnet", "grad")


def _is_update(name: str) -> bool:
    parts = parse_key(name)
    if parts.kind in COUNTED:  # a moment is counted by the update that makes it
        return parts.passes == 1
    return "@" not in name and not _is_forward(name) and not _is_backward(name)


def _order(wanted: Iterable[str], ledger: Ledger, ends: Collection[str] = ()) -> list[str]:
    """Return quantities and all that they use, each after what it uses; `ends` are taken as they are."""
    order: dict[str, None] = {}
    pending = [(name, False) for name in reversed(list(wanted))]
    while pending:
        name, done = pending.pop()
        if done or name in ends:
            order.setdefault(name)
        elif name not in order and not name.startswith("constant."):
            pending.append((name, True))
            if name in ledger.formulas and ledger.given(name) is None:
                pending.extend((used, False) for used in reversed(keys(_formula(name, ledger))))
    if len(order) > MOST_LINES:
        raise SymbackpropError(f"the listing would have {len(order)} lines; the limit is {MOST_LINES}")
    return list(order)


def _given_lines(
    given: Iterable[str], ledger: Ledger, names: Variables, dialect: Dialect, form: str
) -> list[str]:
    lines = []
    for name in given:
        lines.append(f"{names[name]} = {form.format(_value(name, ledger))}")
    return lines


def _lines(chosen: Iterable[str], ledger: Ledger, names: Variables, dialect: Dialect) -> list[str]:
    lines = []
    for name in chosen:
        lines += assigned(names[name], _source(_formula(name, ledger), names, dialect))
    return lines


def _source(term: Term, names: Variables, dialect: Dialect) -> str:
    return python_source(term, names.__getitem__, dialect)


def _formula(name: str, ledger: Ledger) -> Term:
    """Return a quantity's formula; zero times a logarithm is the zero that it is."""
    formula = ledger.simplified(name)
    zeros = {
        used: exact_number(t) for used in keys(formula) if used[:7] == "target." if (t := ledger.given(used))
    }
    return folded(formula, zeros) if zeros else formula


# --- the library finds the gradients -------------------------------------------------------------


def gradient_listing(problem: Problem, graph: Graph, ledger: Ledger, dialect: Dialect) -> Listing:
    """Return a program with the forward pass as a function that the library differentiates, and all updates.

    Raises:
        SymbackpropError: there are too many lines, a quantity has no value, or updates cannot be written.
    """
    if problem.given or problem.stated:
        what = "activations" if problem.given else "quantities"
        raise SymbackpropError(
            f"no listing with {dialect.title}: {what} are given instead of computed, so a library "
            "cannot find the gradients before them; --format numpy writes every step out"
        )
    trains = problem.learning_rate is not None
    if trains:
        refuse_descent(problem, dialect)
    names, loss = Variables(), key("loss", "")
    passes = _passes(problem, ledger)
    orders = [_forward_order(ledger, number, problem) for number in passes]
    used = dict.fromkeys(name for order in orders for name in order)
    current = {p.name: [ledger.vocabulary.parameter(p.name, at) for at in passes] for p in problem.parameters}
    parameters = [
        name
        for name, own in current.items()
        if any(by in used for by in own) and ledger.known(f"grad.{name}")
    ]
    ends = {by for name in parameters for by in current[name]}
    fixed = [name for name in used if name not in ledger.formulas and name not in ends]
    number = "torch.tensor({})" if dialect.tensors else "{}"
    trained = "torch.tensor({}, requires_grad=True)" if dialect.tensors else "{}"
    lines = _given_lines(fixed, ledger, names, dialect, number)
    values = (_value(name, ledger) for name in parameters)
    lines += [
        "parameters = {",
        *(f'    "{names[n]}": {trained.format(v)},' for n, v in zip(parameters, values, strict=True)),
        "}",
    ]
    functions = _functions(passes, problem)
    for function, at, order in zip(functions, passes, orders, strict=True):
        for name in parameters:  # the same variable before every update
            names[ledger.vocabulary.parameter(name, at)] = names[name]
        lines += ["", "", *wrapped(f"def {function}(", [names[name] for name in parameters], "):")]
        for name in order:
            if name in ledger.formulas and ledger.given(name) is None and name not in ends:
                lines += assigned(names[name], _source(_formula(name, ledger), names, dialect), "    ")
        lines.append(f"    return {names[key('loss', '', passes=at)]}")
    lines += ["", ""]
    if trains:
        variables = {name: names[name] for name in parameters}
        forwards = functions[:-1] if len(functions) > 1 else functions
        lines += descent_lines(problem, ledger, dialect, variables, forwards, functions[-1])
        last = problem.updates
        quantities = {loss: "first", key("loss", "", passes=last): "after"}
        quantities |= {f"grad.{name}": f'first_gradients["{names[name]}"]' for name in parameters}
        quantities |= {
            ledger.vocabulary.parameter(name, last): f'parameters["{names[name]}"]'
            for name in parameters
            if name not in problem.frozen
        }
    else:
        lines += [line.format(forward="forward") for line in STEPS[dialect.name]]
        lines += [
            'print("loss =", float(E))',
            "for name, gradient in gradients.items():",
            '    print(f"gradient by {name} =", float(gradient))',
        ]
        quantities = {loss: "E"} | {f"grad.{name}": f'gradients["{names[name]}"]' for name in parameters}
    what = f"gradients {'and updates ' * trains}with {dialect.title}"
    return Listing(program(problem.title, what, dialect, lines), quantities)


def _passes(problem: Problem, ledger: Ledger) -> list[int]:
    """Return the passes whose forward functions differ: of each batch, and after the last update.

    Raises:
        SymbackpropError: the run is too long to be derived, so the batches' losses are not there.
    """
    batches = problem.descent.batches
    if not batches or problem.learning_rate is None:
        return [0]
    found = [*range(min(len(batches), problem.updates)), problem.updates]
    if not all(key("loss", "", passes=number) in ledger.formulas for number in found):
        raise SymbackpropError(
            "no listing: mini-batches are written for runs of up to 100 updates; give fewer epochs"
        )
    return found


def _functions(passes: list[int], problem: Problem) -> list[str]:
    if len(passes) == 1:
        return ["forward"]
    return [*(f"forward_{number + 1}" for number in range(len(passes) - 1)), "forward_all"]


def _forward_order(ledger: Ledger, passes: int, problem: Problem) -> list[str]:
    """Return the quantities of a forward pass in computing order, from the parameters it begins with."""
    current = {ledger.vocabulary.parameter(p.name, passes) for p in problem.parameters}
    return _order([key("loss", "", passes=passes)], ledger, current)


def _value(name: str, ledger: Ledger) -> str:
    number = ledger.given(name)
    if number is None:
        raise SymbackpropError(f"no listing: {name} is not given, so the program cannot be run")
    return floats([[number_source(number)]])[0][0]
