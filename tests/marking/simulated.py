"""A simulated class: students who slip, round, carry on as they like, and type as people type.

What they compute is plain Python on a dense network, apart from the package; so is what each answer deserves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import tanh

from symbackprop import problem_from_mapping
from symbackprop.marking.paper import Paper, Question, solved

Hook = Callable[[str, float], float]

FUNCTIONS: Mapping[str, tuple[Callable[[float], float], Callable[[float, float], float]]] = {
    # f(z), and f'(z) from z and a
    "sigmoid": (lambda z: (1 + tanh(z / 2)) / 2, lambda z, a: a * (1 - a)),
    "tanh": (tanh, lambda z, a: 1 - a * a),
    "identity": (lambda z: z, lambda z, a: 1.0),
}


@dataclass(frozen=True)
class Network:
    """A dense network with one hidden layer, its numbers, and the digits that its sheet asks for."""

    inputs: tuple[float, ...]
    targets: tuple[float, ...]
    hidden: str
    output: str
    weights: tuple[tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...]]
    biases: tuple[tuple[float, ...], tuple[float, ...]]
    rate: float
    digits: int
    kind: str

    def mapping(self) -> dict[str, object]:
        """Return the network as a problem file has it."""
        layers = [
            {"units": len(b), "activation": f, "weights": [list(row) for row in w], "biases": list(b)}
            for f, w, b in zip((self.hidden, self.output), self.weights, self.biases, strict=True)
        ]
        return {
            "title": "Simulated",
            "network": {
                "inputs": list(self.inputs),
                "targets": list(self.targets),
                "layers": layers,
                "loss": "half_squared_error",
                "learning_rate": self.rate,
            },
            "rounding": {"kind": self.kind, "digits": self.digits, "zeros": "keep", "mode": "half_even"},
        }

    def shown(self, value: float) -> str:
        """Return a number to the digits that the sheet asks for; ties, which floats blur, to even."""
        exact = Decimal(repr(round(value, 14)))
        if self.kind == "places" and abs(exact) >= Decimal("0.001"):
            return f"{exact.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_EVEN):f}"
        digits = self.digits + (self.kind == "places")
        rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(exact)
        return f"{rounded:.{digits - 1}e}" if abs(rounded) < Decimal("0.001") else f"{rounded:f}"

    def work(self, hook: Hook) -> dict[str, float]:
        """Return every quantity; each is what the hook makes of what it comes to."""
        v: dict[str, float] = {}

        def enter(key: str, value: float) -> None:
            v[key] = hook(key, value)

        (w1, w2), (b1, b2) = self.weights, self.biases
        f, slope = FUNCTIONS[self.hidden]
        g, slope_out = FUNCTIONS[self.output]
        hiddens, outputs = range(len(b1)), range(len(b2))
        for j in hiddens:
            enter(f"net.h{j + 1}", sum(x * w for x, w in zip(self.inputs, w1[j], strict=True)) + b1[j])
            enter(f"act.h{j + 1}", f(v[f"net.h{j + 1}"]))
        for k in outputs:
            enter(f"net.o{k + 1}", sum(v[f"act.h{j + 1}"] * w2[k][j] for j in hiddens) + b2[k])
            enter(f"act.o{k + 1}", g(v[f"net.o{k + 1}"]))
        enter("loss", sum((t - v[f"act.o{k + 1}"]) ** 2 / 2 for k, t in enumerate(self.targets)))
        for k in outputs:
            a = v[f"act.o{k + 1}"]
            enter(f"dE_dnet.o{k + 1}", (a - self.targets[k]) * slope_out(v[f"net.o{k + 1}"], a))
        for j in hiddens:
            a = v[f"act.h{j + 1}"]
            arriving = sum(v[f"dE_dnet.o{k + 1}"] * w2[k][j] for k in outputs)
            enter(f"dE_dnet.h{j + 1}", arriving * slope(v[f"net.h{j + 1}"], a))
        for k in outputs:
            for j in hiddens:
                name = f"w2_{k + 1}_{j + 1}"
                enter(f"grad.{name}", v[f"dE_dnet.o{k + 1}"] * v[f"act.h{j + 1}"])
                enter(f"new.{name}", w2[k][j] - self.rate * v[f"grad.{name}"])
        for j in hiddens:
            for i, x in enumerate(self.inputs):
                name = f"w1_{j + 1}_{i + 1}"
                enter(f"grad.{name}", v[f"dE_dnet.h{j + 1}"] * x)
                enter(f"new.{name}", w1[j][i] - self.rate * v[f"grad.{name}"])
        return v


def networks(lot: random.Random) -> Iterator[Network]:
    """Yield networks with numbers on a grid, as a class set has them."""
    while True:
        shape = lot.choice(((2, 2, 1), (2, 2, 2), (3, 2, 1)))

        def drawn(rows: int, columns: int) -> tuple[tuple[float, ...], ...]:
            return tuple(tuple(lot.choice(GRID) for _ in range(columns)) for _ in range(rows))

        digits, kind = lot.choice(((4, "places"), (5, "places"), (4, "significant"), (6, "significant")))
        yield Network(
            tuple(lot.choice(GRID) for _ in range(shape[0])),
            tuple(lot.choice((0.05, 0.2, 0.8, 0.95)) for _ in range(shape[2])),
            lot.choice(("sigmoid", "tanh")),
            lot.choice(("sigmoid", "sigmoid", "identity")),
            (drawn(shape[1], shape[0]), drawn(shape[2], shape[1])),
            (drawn(1, shape[1])[0], drawn(1, shape[2])[0]),
            lot.choice((0.1, 0.3, 0.5)),
            digits,
            kind,
        )


GRID = tuple(sign * n / 20 for n in range(2, 20) for sign in (1, -1))


def paper_of(network: Network, number: int) -> Paper:
    """Return the paper of a student: every quantity is asked, a point each."""
    keys = network.work(lambda key, value: value)
    questions = tuple(Question(str(place), key) for place, key in enumerate(keys, 1))
    problem = problem_from_mapping(network.mapping())
    return Paper(f"{number:04}", f"Student {number}", "", (solved(problem),), questions)


# --- students ---------------------------------------------------------------------------------------

#: What a slip does to a number; none is so small that the digits asked for would hide it.
SLIPS: tuple[Callable[[float], float], ...] = (
    lambda value: -value,
    lambda value: 2 * value,
    lambda value: value / 3,
    lambda value: value * 10,
    lambda value: value / 7,
    lambda value: value + 0.37,
    lambda value: value - 0.21,
)
GARBAGE = ("??", "see above", "1.2.3.4", "0,5 or 0,6", "n.a.", "#REF!", "(-", "1e99999", "☃")


@dataclass
class Student:
    """What a student wrote, and what each answer deserves: right, follow_through, wrong or nothing."""

    answers: dict[str, str] = field(default_factory=dict)
    deserved: dict[str, str] = field(default_factory=dict)
    slipped: tuple[str, ...] = ()


def student(network: Network, lot: random.Random) -> Student:
    """Return a student: a few slips, a way to carry on, a way to type, some blanks and some garbage."""
    right = network.work(lambda key, value: value)
    keys = list(right)
    left_out = {key for key in keys if lot.random() < 0.05}
    slips = {
        key: lot.choice(SLIPS)
        for key in lot.sample(keys, lot.choice((0, 0, 1, 1, 2, 3)))
        if key not in left_out
    }
    carried = lot.choice(("exact", "exact", "rounded", "as it comes"))
    rounds = dict.fromkeys(keys, carried == "rounded")
    if carried == "as it comes":  # what is not written down is not rounded either
        rounds = {key: key not in left_out and lot.random() < 0.5 for key in keys}

    def carry(key: str, value: float) -> float:
        return float(network.shown(value)) if rounds[key] else value

    def work(slips: Mapping[str, Callable[[float], float]]) -> dict[str, float]:
        return network.work(lambda key, value: carry(key, slips[key](value) if key in slips else value))

    own, careful = work(slips), work({})
    rounded = network.work(lambda key, value: float(network.shown(value)))
    empty = {key for key in keys if empties(network, key, own[key], right[key], slipped=key in slips)}

    def filled(key: str, value: float) -> float:
        """Return what comes out where empty values are made good; what another slip or luck made stays."""
        barrier = key in slips or network.shown(own[key]) == network.shown(right[key])
        return careful[key] if key in empty else own[key] if barrier else carry(key, value)

    without = network.work(filled)
    found = Student(slipped=tuple(slips))
    spelling = lot.choice(SPELLINGS)
    for key in keys:
        if key in left_out:
            found.answers[key] = lot.choice(("", "", "n/a", lot.choice(GARBAGE)))
            found.deserved[key] = "nothing"
            continue
        text = network.shown(own[key])
        found.answers[key] = spelling(text)
        if text in {network.shown(values[key]) for values in (careful, right, rounded)}:
            found.deserved[key] = "right"
        elif key in slips or own[key] != without[key]:
            found.deserved[key] = "wrong"
        else:
            found.deserved[key] = "follow_through"
    return found


def empties(network: Network, key: str, value: float, right: float, *, slipped: bool) -> bool:
    """Return whether a wrong value leaves nothing to work out from.

    An activation that is at the end of its range may be one that was rounded, if it is no slip.
    """
    if right == 0:
        return False
    if value == 0 or not 1 / 1000 <= abs(value / right) <= 1000:
        return True
    function = (
        network.hidden if key.startswith("act.h") else network.output if key.startswith("act.o") else ""
    )
    low, high = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}.get(function, (-1e9, 1e9))
    return not (low < value < high if slipped else low <= value <= high)


def _plain(text: str) -> str:
    return f"{Decimal(text):f}" if "e" in text else text


SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: _plain(text),
    lambda text: _plain(text).replace(".", ","),
    lambda text: _plain(text).replace("-", "−"),
    lambda text: _plain(text).replace("0.", ".", 1) if _plain(text).startswith(("0.", "-0.")) else text,
    lambda text: text.replace("e", "·10^").replace(".", ","),
    lambda text: text.replace("e", " x 10^"),
    lambda text: f" = {text} ",
)
