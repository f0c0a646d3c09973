"""What other programs and textbooks call the functions of an expression, for messages."""

from __future__ import annotations

from collections.abc import Mapping

#: By what an author wrote, what is written here.
OTHER_NAMES: Mapping[str, str] = {
    "maximum": "max", "minimum": "min", "argmax": "largest", "logistic": "sigmoid", "sigma": "sigmoid",
    "swish": "silu", "lrelu": "leaky_relu", "log_sum_exp": "logsumexp", "lse": "logsumexp",
    "matmul": "A @ B",
    "log1p": "ln(1 + x)", "expm1": "exp(x) - 1", "heaviside": "where(x > 0, 1, 0)", "hadamard": "x * y",
    "relu6": "min(max(x, 0), 6)", "clip": "min(max(x, a), b)", "clamp": "min(max(x, a), b)",
    "average": "mean",
    "add": "x + y", "mul": "x * y", "multiply": "x * y", "sub": "x - y", "div": "x / y", "neg": "-x",
    "var": "mean((x - mean(x))^2)", "variance": "mean((x - mean(x))^2)", "if": "where(x > 0, a, b)",
    "std": "sqrt(mean((x - mean(x))^2))", "mse": "mean((y - t)^2)", "sum_of_squares": "sum(x^2)",
    "cross_entropy": "-sum(t*ln(y))", "reciprocal": "1/x", "inner": "dot", "arctan": "atan",
    "arcsin": "asin", "arccos": "acos", "t": "W.T", "l2_norm": "norm", "hinge": "max(0, 1 - t*y)",
}  # fmt: skip
