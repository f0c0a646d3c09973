"""How often a random wrong figure gets a confident explanation although no mistake made it.

    python -m tests.audit.chance          1,000 random wrong figures of each kind
    python -m tests.audit.chance 200

Each stands alone on a page of right figures about one of several networks. Figures that happen to be right,
by the convention of the page too, are drawn again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import floor, log10
from random import Random

from flint import fmpq

from symbackprop import load_problem
from symbackprop.audit import Figure
from symbackprop.audit.audit_file import for_audit
from symbackprop.audit.finding import Finding
from symbackprop.audit.inference import infer
from symbackprop.audit.judging import Judging
from symbackprop.audit.printed import read_printed
from symbackprop.derivation.solving import complete, derive
from symbackprop.mistakes import Sweep
from symbackprop.numbers.digits import Real, show
from symbackprop.numbers.rounding import Rounding

NETWORKS = (
    "two-output-sigmoid",
    "shared-bias",
    "softmax-classes",
    "or-gate-full",
    "tables",
    "adam",
    "elman-rnn",
    "layer-norm",
    "weight-decay",
    "mini-batches",
)
KINDS = frozenset({"net", "act", "error", "loss", "dE_dact", "dE_dnet", "grad", "new", "dact_dnet"})
FIGURES = 20  # on each page

#: The ways to draw a wrong number beside the right one, of so many digits.
DRAWS: dict[str, Callable[[Random, float, int], float]] = {
    "about the right one": lambda draw, right, digits: right * draw.uniform(0.5, 1.5),
    "of any size": lambda draw, right, digits: right * 10 ** draw.uniform(-1, 1) * draw.choice((1, -1)),
    "of random digits": lambda draw, right, digits: (
        draw.uniform(1, 10) * 10 ** floor(log10(abs(right))) * (1 if right > 0 else -1)
    ),
    "near the right one": lambda draw, right, digits: (
        right * (1 + draw.choice((1, -1)) * 10 ** draw.uniform(1.5 - digits, -1))
    ),
}


@dataclass(frozen=True)
class Network:
    """A network and the quantities that may be printed."""

    sweep: Sweep
    keys: tuple[str, ...]


@cache
def network(name: str) -> Network:
    problem = for_audit(load_problem(name), ["new.w"])
    graph, ledger = derive(problem)
    complete(graph, ledger)
    sweep = Sweep(ledger, graph, problem)
    keys = tuple(
        key
        for key in sweep.formulas
        if sweep.known(key) and abs(sweep.values[key]) > 1e-9 and sweep.parts(key).kind in KINDS
    )
    return Network(sweep, keys)


def figure(key: str, real: Real, digits: int) -> Figure:
    rounding = Rounding(digits, "significant", zeros="keep", scientific_below=None)
    text = str(show(real, rounding))
    return Figure(key, key, read_printed(text), text)


def wrong_figures(count: int, kind: str, seed: int, digits: tuple[int, ...]) -> Iterator[Finding]:
    """Yield what is found about so many random wrong figures."""
    draw = Random(f"{kind}:{seed}")
    while count:
        here = network(NETWORKS[count % len(NETWORKS)])
        size = draw.choice(digits)
        places = sorted(draw.sample(range(len(here.keys)), min(FIGURES, len(here.keys))))
        figures = [figure(here.keys[place], here.sweep.real(here.keys[place]), size) for place in places]
        chosen = draw.randrange(len(figures))
        key = figures[chosen].key
        value = DRAWS[kind](draw, here.sweep.values[key], size)
        figures[chosen] = figure(key, fmpq(*value.as_integer_ratio()), size)
        findings = Judging(here.sweep, figures, infer(here.sweep, figures)).findings()
        if findings[chosen].wrong:
            count -= 1
            yield findings[chosen]


def share_explained(
    count: int, kind: str, *, seed: int = 2026, digits: tuple[int, ...] = (3, 4, 5, 6)
) -> float:
    """Return the share of random wrong figures that get a confident explanation."""
    explained = sum(one.explanation is not None for one in wrong_figures(count, kind, seed, digits))
    return explained / count


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for name in DRAWS:
        for one_size in (3, 4, 5, 6, 9):
            share = share_explained(number // 5, name, digits=(one_size,))
            print(f"{name}, {one_size} digits: {100 * share:.1f} % of {number // 5}", flush=True)
