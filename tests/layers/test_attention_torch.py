"""Attention against PyTorch's scaled_dot_product_attention and nn.MultiheadAttention in float64."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from .autograd import assert_array, assert_gradients, batch, close, need_torch, numbers, solution_of

torch = need_torch()

#: tokens, features, entries of queries and keys, entries of values
SHAPES = [(1, 1, 1, 1), (2, 2, 2, 2), (3, 2, 3, 1), (5, 3, 2, 4), (4, 4, 3, 3)]


def tensor(values: Any, grad: bool = True) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=grad)


def squared(out: Any, targets: Any) -> Any:
    return ((out - tensor(targets, grad=False)) ** 2).sum()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mask", ["none", "causal", "matrix"])
@pytest.mark.parametrize("scale", ["sqrt", "none"])
@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_self_attention(shape: tuple[int, int, int, int], mask: str, scale: str, layout: str) -> None:
    random = Random(f"{shape}{mask}{scale}")
    tokens, features, width, value_width = shape
    given = {
        "W_Q": numbers(random, width, features), "W_K": numbers(random, width, features),
        "W_V": numbers(random, value_width, features), "W_O": numbers(random, 2, value_width),
        "b_Q": numbers(random, width), "b_K": numbers(random, width), "b_V": numbers(random, value_width),
        "b_O": numbers(random, 2),
    }  # fmt: skip
    rows = [
        [int(random.random() < 0.6 or row == column) for column in range(tokens)] for row in range(tokens)
    ]
    inputs, targets = (
        [numbers(random, tokens, features) for _ in range(2)],
        [numbers(random, tokens, 2) for _ in range(2)],
    )
    turned = {
        name: [list(row) for row in zip(*values, strict=True)] if name[0] == "W" else values
        for name, values in given.items()
    }
    layer = {"type": "attention", "scale": scale, "mask": rows if mask == "matrix" else mask}
    solution = solution_of(
        {
            "samples": batch(inputs, targets),
            "layers": [layer | (given if layout == "rows" else turned)],
            "loss": "squared_error",
            "layout": layout,
        }
    )
    w = {name: tensor(values) for name, values in given.items()}
    allowed = {
        "none": None,
        "causal": torch.ones(tokens, tokens).tril().bool(),
        "matrix": torch.tensor(rows).bool(),
    }
    losses = []
    for number, (x, target) in enumerate(zip(inputs, targets, strict=True), start=1):
        q, k, v = (tensor(x, grad=False) @ w[f"W_{letter}"].T + w[f"b_{letter}"] for letter in "QKV")
        found = torch.nn.functional.scaled_dot_product_attention(
            q, k, v, attn_mask=allowed[mask], scale=None if scale == "sqrt" else 1.0
        )
        out = found @ w["W_O"].T + w["b_O"]
        losses.append(squared(out, target))
        for token in range(tokens):
            for entry in range(2):
                key = f"act.o_{token + 1}_{entry + 1}#{number}"
                assert close(float(solution[key]), out[token, entry].item(), 1.0)
    loss = sum(losses) / 2
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    grads = {name: leaf.grad for name, leaf in w.items()}
    if layout == "columns":
        grads = {name: grad.T if name[0] == "W" else grad for name, grad in grads.items()}
    # autograd rounds where the derivative is zero or nearly so: measured against the largest of all
    scale_of_all = max(float(grad.abs().max()) for grad in grads.values())
    for family, expected in grads.items():
        assert_array(solution, family, expected, scale=scale_of_all)
    assert sum(grad.numel() for grad in grads.values()) == len(solution.problem.parameters)


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("tokens", [2, 4])
def test_multi_head_attention(heads: int, causal: bool, tokens: int) -> None:
    """PyTorch's module: queries from one sequence, keys and values from another."""
    random = Random(f"{heads}{causal}{tokens}")
    width = 4
    stack, bias = numbers(random, 3 * width, width), numbers(random, 3 * width)
    out_weight, out_bias = numbers(random, width, width), numbers(random, width)
    inputs = {"x": numbers(random, tokens, width), "memory": numbers(random, tokens, width)}
    targets = numbers(random, tokens, width)
    layer = {
        "type": "attention",
        "heads": heads,
        "queries": "x",
        "keys": "memory",
        "W_O": out_weight,
        "b_O": out_bias,
    }
    layer["mask"] = "causal" if causal else "none"
    for number, letter in enumerate("QKV"):
        layer[f"W_{letter}"] = stack[number * width : (number + 1) * width]
        layer[f"b_{letter}"] = bias[number * width : (number + 1) * width]
    solution = solution_of({"inputs": inputs, "targets": targets, "layers": [layer], "loss": "squared_error"})
    module = torch.nn.MultiheadAttention(width, heads, batch_first=True).double()
    leaves = {"in_proj_weight": tensor(stack), "in_proj_bias": tensor(bias),
              "out_proj.weight": tensor(out_weight), "out_proj.bias": tensor(out_bias)}  # fmt: skip
    x, memory = (tensor([inputs[name]], grad=False) for name in ("x", "memory"))
    hidden = ~torch.ones(tokens, tokens).tril().bool() if causal else None
    out, weights = torch.func.functional_call(
        module, leaves, (x, memory, memory), {"attn_mask": hidden, "average_attn_weights": False}
    )
    loss = squared(out[0], targets)
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    for head in range(heads):
        for query in range(tokens):
            for key in range(query + 1 if causal else tokens):
                mark = head + 1 if heads > 1 else ""
                found = float(solution[f"act.a{mark}_{query + 1}_{key + 1}"])
                assert close(found, weights[0, head, query, key].item(), 1.0)
    grads = {"W_O": leaves["out_proj.weight"].grad, "b_O": leaves["out_proj.bias"].grad}
    for number, letter in enumerate("QKV"):
        grads[f"W_{letter}"] = leaves["in_proj_weight"].grad.chunk(3)[number]
        grads[f"b_{letter}"] = leaves["in_proj_bias"].grad.chunk(3)[number]
    largest = max(float(grad.abs().max()) for grad in grads.values())
    for family, expected in grads.items():
        assert_array(solution, family, expected, scale=largest)
    assert sum(grad.numel() for grad in grads.values()) == len(solution.problem.parameters)


def test_trained_queries_keys_and_values() -> None:
    """Given Q, K and V without projections: the gradients by their own entries."""
    random = Random(5)
    q, k, v = numbers(random, 2, 3), numbers(random, 4, 3), numbers(random, 4, 2)
    targets = numbers(random, 2, 2)
    layer = {"type": "attention", "queries": q, "keys": k, "values": v}
    solution = solution_of({"inputs": [0], "targets": targets, "layers": [layer], "loss": "squared_error"})
    leaves = {"Q": tensor(q), "K": tensor(k), "V": tensor(v)}
    out = torch.nn.functional.scaled_dot_product_attention(*leaves.values())
    loss = squared(out, targets)
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    assert_gradients(solution, {name: leaf.grad for name, leaf in leaves.items()})


def test_derivatives_by_given_queries_keys_and_values() -> None:
    """Q, K and V as inputs: `wrt` asks for the derivatives by their entries."""
    random = Random(6)
    inputs = {"Q": numbers(random, 2, 2), "K": numbers(random, 3, 2), "V": numbers(random, 3, 2)}
    targets = numbers(random, 2, 2)
    names = [
        f"{name}_{row + 1}_{column + 1}"
        for name, rows in inputs.items()
        for row in range(len(rows))
        for column in range(2)
    ]
    layer = {"type": "attention", "queries": "Q", "keys": "K", "values": "V"}
    solution = solution_of(
        {"inputs": inputs, "targets": targets, "layers": [layer], "loss": "squared_error"}, wrt=names
    )
    leaves = {name: tensor(values) for name, values in inputs.items()}
    loss = squared(torch.nn.functional.scaled_dot_product_attention(*leaves.values()), targets)
    loss.backward()
    for name, leaf in leaves.items():
        assert_array(solution, name, leaf.grad, "dE_dact")


@pytest.mark.parametrize("trained", [False, True])
def test_positional_encoding(trained: bool) -> None:
    random = Random(8)
    tokens, width = 3, 4
    inputs, targets, own = (
        numbers(random, tokens, width),
        numbers(random, tokens, 2),
        numbers(random, tokens, width),
    )
    given = {
        "W_Q": numbers(random, 2, width),
        "W_K": numbers(random, 2, width),
        "W_V": numbers(random, 2, width),
    }
    position = {"type": "positional_encoding", "weights": own} if trained else {"type": "positional_encoding"}
    layers = [position, {"type": "attention", **given}]
    solution = solution_of({"inputs": inputs, "targets": targets, "layers": layers, "loss": "squared_error"})
    steps = torch.arange(tokens, dtype=torch.float64)[:, None]
    waves = steps / 10000 ** (torch.arange(0, width, 2, dtype=torch.float64) / width)
    encoding = (
        tensor(own) if trained else torch.stack([waves.sin(), waves.cos()], dim=-1).reshape(tokens, width)
    )
    x = tensor(inputs, grad=False) + encoding
    w = {name: tensor(values) for name, values in given.items()}
    found = torch.nn.functional.scaled_dot_product_attention(*(x @ leaf.T for leaf in w.values()))
    loss = squared(found, targets)
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    assert_gradients(
        solution, {name: leaf.grad for name, leaf in w.items()} | ({"P": encoding.grad} if trained else {})
    )


def test_transformer_block() -> None:
    """The example's block, written with PyTorch's functions."""
    from symbackprop.derivation.solving import derive
    from symbackprop.solution import Solution
    from symbackprop.spec import catalogue, load_problem

    problem = load_problem(catalogue._FOLDER / "transformer-block.yaml")
    solution = Solution(problem, *derive(problem))
    x = tensor([[1, 0.5, -1], [-1, 2, 0]], grad=False)
    w = {
        "W_Q": tensor([[0.5, -0.3, 0.2], [0.1, 0.4, -0.6]]),
        "W_K": tensor([[-0.2, 0.6, 0.1], [0.3, -0.5, 0.4]]),
        "W_V": tensor([[0.4, 0.1, -0.2], [-0.3, 0.5, 0.2], [0.1, -0.4, 0.6]]),
        "W_u1": tensor([[0.5, -0.8, 0.3], [0.2, 0.6, -0.4]]), "b_u1": tensor([0.1, 0]),
        "W_u2": tensor([[0.4, -0.2], [0.3, 0.6], [-0.5, 0.1]]), "b_u2": tensor([0, 0.1, 0]),
    }  # fmt: skip
    functional = torch.nn.functional
    normal = functional.layer_norm(x, (3,))
    x = x + functional.scaled_dot_product_attention(
        *(normal @ w[f"W_{letter}"].T for letter in "QKV"), is_causal=True
    )
    normal = functional.layer_norm(x, (3,))
    x = x + torch.relu(normal @ w["W_u1"].T + w["b_u1"]) @ w["W_u2"].T + w["b_u2"]
    loss = squared(x, [[1, 0, -1], [-1, 1, 0]]) / 2
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    assert_gradients(solution, {name: leaf.grad for name, leaf in w.items()})
