"""Derivatives that another process finds are those that this one would find, and SymPy stays outside."""

from __future__ import annotations

import subprocess
import sys

import pytest

from symbackprop.derivation.solving import derive
from symbackprop.spec.load import load_problem

SCRIPT = """
import os, sys
from symbackprop.derivation import beside
from symbackprop.derivation.solving import derive
from symbackprop.spec.load import load_problem

if "killed" in sys.argv:
    beside._derive = lambda problems, there: os._exit(1)
problem = load_problem(sys.argv[1])
with beside.derivatives_beside(lambda: [problem]) as derived:
    derived()
_, ledger = derive(problem)
print("sympy" in sys.modules, *(ledger.significant(key) for key in ledger if key.startswith("grad.")))
"""


def values(name: str, *more: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, *more], check=True, capture_output=True, text=True
    )
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="there is no safe fork")
@pytest.mark.parametrize("name", ["two-output-sigmoid", "xor", "deep-network"])
def test_values_are_the_same_without_sympy(name: str) -> None:
    _, ledger = derive(load_problem(name))
    expected = [ledger.significant(key) for key in ledger if key.startswith("grad.")]
    assert values(name) == ["False", *expected]
    assert len(expected) > 5


def test_a_process_that_dies_costs_time_and_nothing_else() -> None:
    inside, *found = values("two-output-sigmoid", "killed")
    assert inside == "True" and found == values("two-output-sigmoid")[1:]


def test_nothing_is_begun_beside_other_threads() -> None:
    import threading

    from symbackprop.derivation.beside import derivatives_beside

    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        with derivatives_beside(lambda: [load_problem("xor")]) as derived:
            assert derived() is None
    finally:
        stop.set()
        other.join()
