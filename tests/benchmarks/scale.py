"""Large networks: certified values of all gradients, plain values of a batch, deep sheets, and no swell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from symbackprop import gradients, problem_from_mapping, solve
from symbackprop.document.layout.pages import estimated_pages
from symbackprop.doubles.training import DenseNetwork
from symbackprop.engines import make_pdf
from symbackprop.render.latex import render_latex
from symbackprop.spec import Dense, dense_problem
from symbackprop.spec.problem import Problem

from . import sequences
from .ledgers import network
from .measuring import Measurement, Times, once, timed

#: SymPy's derivative of the whole loss of a 4-wide, 6-deep network by its first weight: its LaTeX has this
#: many characters. Taking and printing it takes minutes, so here only smaller networks are held against it.
SYMPY_CHARACTERS = 6.7e6


def measure(rounds: int) -> Iterator[Measurement]:
    """Measure everything large."""
    yield from _certified(rounds)
    yield from _batch(rounds)
    yield from _deep(rounds)
    yield from _swell()
    yield from _further()


def digits_network(seed: int = 0) -> Problem:
    """Return a 784-128-10 sigmoid network, its weights drawn with the scale of its layers."""
    return problem_from_mapping(digits_fields(seed))


def seeded_fields() -> dict[str, Any]:
    """Return the same network with weights of all digits, drawn when it is read."""
    fields = digits_fields()
    for layer in fields["network"]["layers"]:
        del layer["weights"]
    fields["network"]["initialisation"] = {"seed": 0}
    return fields


def digits_fields(seed: int = 0) -> dict[str, Any]:
    """Return the fields of its problem file."""
    draw = np.random.default_rng(seed)
    image = np.round(np.clip(draw.normal(0.1, 0.4, 784), 0, 1), 3)

    def layer(units: int, before: int) -> dict[str, Any]:
        weights = np.round(draw.normal(0, before**-0.5, (units, before)), 6)
        return {
            "units": units, "activation": "sigmoid", "weights": weights.tolist(), "biases": [0.0] * units
        }  # fmt: skip

    network = {
        "inputs": image.tolist(),
        "targets": [1 if k == 3 else 0 for k in range(10)],
        "layers": [layer(128, 784), layer(10, 128)],
        "learning_rate": 0.1,
    }
    return {"title": "784-128-10", "network": network}


def _certified(rounds: int) -> Iterator[Measurement]:
    problem = digits_network()
    found = gradients(problem)
    if not found.certified.all():
        raise RuntimeError("a gradient of 784-128-10 is not certified")
    yield _seconds(
        f"{len(found):,} gradients of 784-128-10, each to six digits",
        lambda: gradients(problem), rounds, 1.5,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder, "digits.json")
        path.write_text(json.dumps(digits_fields()), encoding="utf-8")
        yield _seconds(
            "  and the problem read from a JSON file, in all", lambda: gradients(path), rounds, 1.5
        )
    fields = seeded_fields()
    yield _seconds(
        "  and drawn from a seeded start, in all",
        lambda: gradients(problem_from_mapping(fields)), rounds, 1.5,
    )  # fmt: skip
    yield _seconds(
        "  all of them as text, besides", lambda: [found.text(name) for name in found], min(rounds, 3)
    )
    shown = replace(problem, show=("w1_5_300", "w2_1_7", "b1_9"))
    made: list[bytes] = []
    yield _seconds(
        "  sheet with three weights, typeset",
        lambda: made.append(make_pdf(solve(shown).document(), "typst", None)), 1, 5,
    )  # fmt: skip
    yield Measurement("  its pages", _pages(made[0]), "pages", 8)


def _seconds(
    name: str, run: Callable[[], object], rounds: int = 1, target: float | None = None
) -> Measurement:
    times = timed(run, rounds)
    return Measurement(name, times.wall, "s", target, times.processor)


def _batch(rounds: int) -> Iterator[Measurement]:
    """Hold the sweep over a batch of 256 through 64-64-10 against the same by hand."""
    problem = _with_batch(network((64, 64, 10)), 256)
    matrices = DenseNetwork(problem)
    start = matrices.start

    def ours() -> np.ndarray[Any, Any]:
        return matrices.gradient(start, *matrices.forward(start))

    weights = _by_layer(problem, start)
    inputs, targets = matrices.inputs, matrices.targets

    def by_hand() -> list[np.ndarray[Any, Any]]:
        return _numpy_sweep(weights, inputs, targets)

    whole = np.concatenate([part.ravel() for part in by_hand()])
    np.testing.assert_allclose(np.sort(ours()), np.sort(whole), rtol=1e-10, atol=1e-14)
    ratios = []
    for _ in range(max(rounds, 5)):
        mine, theirs = ([once(run) for _ in range(20)] for run in (ours, by_hand))
        ratios.append(
            Times(
                *(
                    min(a) / min(b)
                    for a, b in zip(zip(*mine, strict=True), zip(*theirs, strict=True), strict=True)
                )
            )
        )
    wall, processor = (median(own) for own in zip(*ratios, strict=True))
    name = "batch of 256 through 64-64-10, beside NumPy by hand"
    yield Measurement(name, wall, "times", 3, processor)


def _with_batch(problem: Problem, count: int) -> Problem:
    draw = np.random.default_rng(1)
    samples = [
        (draw.uniform(-1, 1, len(problem.inputs)).round(3).tolist(), draw.uniform(0, 1, 10).round(3).tolist())
        for _ in range(count)
    ]
    layers = []
    for before, layer in pairwise(problem.layers):
        values = {(w.source, w.target): str(w.value) for w in problem.weights}
        matrix = [[values[source, unit] for source in before.units] for unit in layer.units]
        biases = [str(b.value) for b in problem.biases if b.targets[0] in layer.units]
        layers.append(Dense(len(layer.units), "sigmoid", weights=matrix, biases=biases))
    return dense_problem(title="Batch", samples=samples, layers=layers, learning_rate="0.1")


def _by_layer(problem: Problem, start: np.ndarray[Any, Any]) -> list[tuple[Any, Any]]:
    """Return each layer's matrix, sources by units, and its biases."""
    values = dict(zip((p.name for p in problem.parameters), start.tolist(), strict=True))
    found = []
    for before, layer in pairwise(problem.layers):
        ends = {(w.source, w.target): values[w.name] for w in problem.weights}
        biases = {b.targets[0]: values[b.name] for b in problem.biases}
        matrix = np.array([[ends[source, unit] for unit in layer.units] for source in before.units])
        found.append((matrix, np.array([biases[unit] for unit in layer.units])))
    return found


def _numpy_sweep(weights: list[tuple[Any, Any]], inputs: Any, targets: Any) -> list[Any]:
    """Return the gradients as written by hand: sigmoid, mean over the batch of half squared errors."""
    activations = [inputs]
    for matrix, bias in weights:
        activations.append(1.0 / (1.0 + np.exp(-(activations[-1] @ matrix + bias))))
    back, found = (activations[-1] - targets) / len(inputs), []
    for index in range(len(weights) - 1, -1, -1):
        out = activations[index + 1]
        delta = back * out * (1.0 - out)
        found += [activations[index].T @ delta, delta.sum(axis=0)]
        back = delta @ weights[index][0].T
    return found


def _deep(rounds: int) -> Iterator[Measurement]:
    """Derive and typeset a network of twenty layers."""
    problem = replace(network((4,) * 21), show=("representative",))
    solve(problem).document()
    yield _seconds(
        "20 layers of 4: derive and typeset, representative",
        lambda: make_pdf(solve(problem).document(), "typst", None), min(rounds, 3), 10,
    )  # fmt: skip
    every = replace(problem, show=("all",))
    pages: list[int] = []
    yield _seconds(
        "  all 400 parameters: derive and lay out",
        lambda: pages.append(estimated_pages(solve(every).document())), 1, 10,
    )  # fmt: skip
    yield Measurement("  which makes about", pages[0], "pages")


def _swell() -> Iterator[Measurement]:
    """Hold the LaTeX of one gradient of a 4-wide, 6-deep network against SymPy's derivative."""
    problem = replace(network((4,) * 7), show=("w1_1_1",))
    solution = solve(problem)
    length = len(render_latex(solution.document()))
    yield Measurement("LaTeX of one gradient, 4 wide and 6 deep", length, "characters")
    yield Measurement("  the whole sheet about it", solution.pages, "pages", 8)
    yield Measurement("  SymPy's whole-loss derivative, found once", SYMPY_CHARACTERS, "characters")
    for depth in (2, 3):
        problem = replace(network((4,) * (depth + 1)), show=("w1_1_1",))
        ours, theirs = len(render_latex(solve(problem).document())), sympy_characters(4, depth)
        yield Measurement(f"  {depth} deep: our sheet", ours, "characters")
        yield Measurement(f"  {depth} deep: SymPy's derivative alone", theirs, "characters")


def sympy_characters(width: int, depth: int) -> int:
    """Return how long the LaTeX of SymPy's derivative of the whole loss by the first weight is."""
    import sympy

    before: list[Any] = list(sympy.symbols(f"x1:{width + 1}"))
    first: Any = None
    for layer in range(1, depth + 1):
        after = []
        for to in range(1, width + 1):
            names = sympy.symbols([f"w{layer}_{to}_{source}" for source in range(1, width + 1)])
            first = first or names[0]
            net = sum(w * a for w, a in zip(names, before, strict=True)) + sympy.Symbol(f"b{layer}_{to}")
            after.append(1 / (1 + sympy.exp(-net)))
        before = after
    targets = sympy.symbols(f"t1:{width + 1}")
    loss = sum((t - o) ** 2 for t, o in zip(targets, before, strict=True)) / 2
    return len(sympy.latex(sympy.diff(loss, first)))


def _further() -> Iterator[Measurement]:
    """Derive and typeset a recurrent network over many time steps and attention over many tokens."""
    yield from _sequence("30-step LSTM", problem_from_mapping(sequences.lstm()))
    yield from _sequence("16-token attention", problem_from_mapping(sequences.attention()))


def _sequence(title: str, problem: Problem) -> Iterator[Measurement]:
    yield _seconds(f"{title}: derive", lambda: solve(problem), 1, 10)
    solution = solve(problem)
    made: list[bytes] = []
    yield _seconds("  typeset", lambda: made.append(make_pdf(solution.document(), "typst", None)), 1, 20)
    yield Measurement("  its pages", _pages(made[0]), "pages")


def _pages(pdf: bytes) -> int:
    """Return how many pages a PDF has, by its page tree."""
    return max((int(count) for count in re.findall(rb"/Count (\d+)", pdf)), default=0)
