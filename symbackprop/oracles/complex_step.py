"""NumPy: every derivative at once by the complex step, in double precision.

f(x + ih) = f(x) + ih f'(x) up to h squared; with h = 1e-100 nothing is lost to rounding (Squire and Trapp,
"Using complex variables to estimate derivatives of real functions", SIAM Review 40, 1998). One run of
the formulas carries an array with a column for each quantity that the loss is differentiated by.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .answer import Answer
from .arithmetic import Arithmetic, value
from .program import Program

STEP = 1e-100

#: Nodes of formulas times columns; beyond, a seeded sample of the columns.
BUDGET = 60_000_000


def _real(number: Any) -> float:
    return float(np.real(number).flat[0]) if np.ndim(number) else float(np.real(number))


def _absolute(number: Any) -> Any:
    return number if _real(number) >= 0 else -number


def _tanh(number: Any) -> Any:
    """Return tanh; NumPy's complex one is 0 in its imaginary part, or no number, where it saturates."""
    a = np.tanh(np.real(number))
    return a + 1j * np.imag(number) * (1 - a) * (1 + a)


def _erf(number: Any) -> Any:
    from math import erf

    x = _real(number)
    return erf(x) + 1j * np.imag(number) * 2 / np.sqrt(np.pi) * np.exp(-x * x)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": np.exp,
    "ln": np.log,
    "log": np.log,
    "tanh": _tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sqrt": np.sqrt,
    "abs": _absolute,
    "sign": lambda number: np.sign(_real(number)) + 0j,
    "erf": _erf,
    "max": lambda *numbers: max(numbers, key=_real),
    "min": lambda *numbers: min(numbers, key=_real),
}
COMPLEX = Arithmetic(lambda rational: complex(float(rational)), FUNCTIONS, real=_real)


def ask_numpy(program: Program) -> Answer:
    """Return the derivatives by parameters, net inputs and activations, or by a seeded sample of them."""
    columns = max(1, BUDGET // program.size)
    names = list(program.variables)
    if len(names) > columns:
        names = sorted(random.Random(0).sample(names, columns), key=list(program.variables).index)
    places: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        places.setdefault(program.variables[name], []).append(column)

    def moved(by: str, number: Any) -> Any:
        if by not in places:
            return number
        change = np.zeros(len(names), dtype=complex)
        change[places[by]] = 1j * STEP
        return number + change

    with np.errstate(all="ignore"):
        values = {by: moved(by, number) for by, number in program.start(COMPLEX).items()}
        for name, formula in program.steps.items():
            number = value(formula, values, COMPLEX) * program.noise.get(name, 1.0)
            values[name] = moved(name, number)
    loss = values[program.loss]
    slopes = np.broadcast_to(np.imag(loss) / STEP, (len(names),))
    return {program.loss: _real(loss), **{name: float(slopes[n]) for n, name in enumerate(names)}}
