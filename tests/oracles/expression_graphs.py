"""Random free computation graphs with scalar, vector and matrix nodes, as plain data."""

from __future__ import annotations

import random
from typing import Any

UNARY = (
    *("tanh({})", "sigmoid({})", "relu({})", "exp({}/4)", "sin({})", "cos({})", "ln({}^2 + 1)", "({})^2"),
    *("softplus({})", "sqrt({}^2 + 2)", "abs({})", "gelu({})", "-{}", "2*{} - 1", "1/({}^2 + 1)"),
    *("where({0} > 0.5, {0}, {0}/2)",),
)
BINARY = ("{} + {}", "{} - {}", "{}*{}", "{}/({}^2 + 1)", "max({}, {})", "min({}, {})")
TO_NUMBER = ("sum({})", "mean({})", "norm({} + 3)", "largest({})", "sum({}^2)")


class Graph:
    """Nodes n1, n2, ..., each over earlier nodes and leaves; `shapes` says what each name is."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.length = self.dice.randint(1, 3)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.leaves: dict[str, dict[str, Any]] = {"inputs": {}, "parameters": {}, "constants": {}}
        self.nodes: dict[str, str] = {}
        n, m = self.length, self.dice.randint(2, 3)
        for name, shape, group in (
            ("a", (), "inputs"), ("b", (), "constants"), ("u", (n,), "inputs"), ("w", (n,), "parameters"),
            ("W", (m, n), "parameters"), ("k", (), "parameters"), ("V", (m, n), "inputs"),
        ):  # fmt: skip
            self.shapes[name] = shape
            self.leaves[group][name] = self.numbers(*shape)

    def numbers(self, *shape: int) -> Any:
        if not shape:
            return str(self.dice.randrange(-150, 151) / 100)
        return [self.numbers(*shape[1:]) for _ in range(shape[0])]

    def of(self, *shapes: tuple[int, ...]) -> str:
        """Return a name of one of the shapes, or of any; later ones more often."""
        names = [name for name, shape in self.shapes.items() if not shapes or shape in shapes]
        return self.dice.choice(names[-4:] if self.dice.random() < 0.7 else names)

    def node(self, shape: tuple[int, ...], text: str) -> None:
        name = f"n{len(self.nodes) + 1}"
        self.nodes[name], self.shapes[name] = text, shape

    def grow(self) -> None:
        name = self.of()
        shape = self.shapes[name]
        kind = self.dice.random()
        if kind < 0.3:
            self.node(shape, self.dice.choice(UNARY).format(name))
        elif kind < 0.6:
            self.node(shape, self.dice.choice(BINARY).format(name, self.of(shape, ())))
        elif kind < 0.7:
            matrix = self.of(*(s for s in self.shapes.values() if len(s) == 2))
            vector = (
                self.of((self.shapes[matrix][1],))
                if (self.shapes[matrix][1],) in self.shapes.values()
                else ""
            )
            if vector:
                self.node((self.shapes[matrix][0],), f"{matrix} @ {vector}")
        elif kind < 0.75:
            matrix = self.of(*(s for s in self.shapes.values() if len(s) == 2))
            rows = self.shapes[matrix][0]
            self.node((rows, rows), f"{matrix} @ {matrix}.T")
        elif kind < 0.8:
            self.node((self.length,), f"softmax({self.of((self.length,))})")
        elif kind < 0.85:
            self.node((), f"dot({self.of((self.length,))}, {self.of((self.length,))})")
        elif kind < 0.9 and len(shape) == 1:
            self.node((), f"{name}[{self.dice.randint(1, shape[0])}]")
        elif kind < 0.95:
            left, right = self.of((self.length,)), self.of((self.length,))
            self.node((self.length, self.length), f"outer({left}, {right})")
        elif shape:
            self.node((), self.dice.choice(TO_NUMBER).format(name))

    def mapping(self) -> dict[str, Any]:
        for _ in range(self.dice.randint(1, 6)):
            self.grow()
        sink = self.of()
        ends = [sink, *(name for name in self.nodes if self.dice.random() < 0.5)]
        parts = [f"sum({name})" if self.shapes[name] else name for name in dict.fromkeys(ends)]
        self.nodes["E"] = " + ".join(parts)
        graph: dict[str, Any] = {**self.leaves, "nodes": self.nodes, "learning_rate": "0.1"}
        if self.dice.random() < 0.3:
            inputs = graph.pop("inputs")
            again = {name: self.numbers(*self.shapes[name]) for name in inputs}
            graph |= {"samples": [inputs, again], "reduction": self.dice.choice(("mean", "sum"))}
        return {"title": "A random graph", "graph": graph}


def graphs(seed: int) -> dict[str, Any]:
    """A free computation graph."""
    return Graph(seed).mapping()
