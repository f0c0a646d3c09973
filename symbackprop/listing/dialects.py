"""The libraries that listings are written for: what each calls the same things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_SAME = ("exp", "tan", "sin", "cos", "sinh", "cosh", "tanh", "sqrt", "abs", "sign")


def _functions(prefix: str, **others: str) -> dict[str, str]:
    return (
        {name: f"{prefix}.{name}" for name in _SAME}
        | {"ln": f"{prefix}.log", "log": f"{prefix}.log"}
        | others
    )


@dataclass(frozen=True, slots=True)
class Dialect:
    """A library as listings use it.

    functions: by the name that a `Call` has. array: what makes an array of nested lists. where: what
    chooses by a condition. tensors: what makes a number an array, where functions take nothing else.
    after: lines after the imports. erf: the line that defines `erf` where the library has none.
    """

    name: str
    title: str
    imports: tuple[str, ...]
    functions: Mapping[str, str]
    array: str
    where: str
    constants: Mapping[str, str] = field(default_factory=lambda: {"constant.pi": "np.pi"})
    tensors: str = ""
    softmax: str = ""
    log_softmax: str = ""
    after: tuple[str, ...] = ()
    erf: str = ""


NUMPY = Dialect(
    "numpy",
    "NumPy",
    ("import numpy as np",),
    _functions(
        "np",
        asin="np.arcsin",
        acos="np.arccos",
        atan="np.arctan",
        erf="erf",
        max="np.maximum",
        min="np.minimum",
    ),
    "np.array",
    "np.where",
    softmax="np.exp({z}) / np.exp({z}).sum(axis=1, keepdims=True)",
    log_softmax="{z} - np.log(np.exp({z}).sum(axis=1, keepdims=True))",
    after=("np.set_printoptions(precision=10)",),
    erf="erf = np.vectorize(math.erf)",
)
TORCH = Dialect(
    "torch",
    "PyTorch",
    ("import torch",),
    _functions(
        "torch",
        asin="torch.asin",
        acos="torch.acos",
        atan="torch.atan",
        erf="torch.erf",
        max="torch.maximum",
        min="torch.minimum",
    ),
    "torch.tensor",
    "torch.where",
    constants={"constant.pi": "torch.pi"},
    tensors="torch.tensor",
    softmax="torch.softmax({z}, dim=1)",
    log_softmax="torch.log_softmax({z}, dim=1)",
    after=("torch.set_default_dtype(torch.float64)", "torch.set_printoptions(precision=10)"),
)
JAX = Dialect(
    "jax",
    "JAX",
    ("import jax", "import jax.numpy as jnp"),
    _functions(
        "jnp",
        asin="jnp.arcsin",
        acos="jnp.arccos",
        atan="jnp.arctan",
        erf="jax.scipy.special.erf",
        max="jnp.maximum",
        min="jnp.minimum",
    ),
    "jnp.array",
    "jnp.where",
    constants={"constant.pi": "jnp.pi"},
    softmax="jax.nn.softmax({z})",
    log_softmax="jax.nn.log_softmax({z})",
    after=('jax.config.update("jax_enable_x64", True)', "jnp.set_printoptions(precision=10)"),
)
KERAS = Dialect(
    "keras",
    "Keras",
    ("import keras", "import numpy as np", "from keras import ops"),
    _functions(
        "ops",
        asin="ops.arcsin",
        acos="ops.arccos",
        atan="ops.arctan",
        erf="ops.erf",
        max="ops.maximum",
        min="ops.minimum",
    ),
    "np.array",
    "ops.where",
    softmax="ops.softmax({z})",
    log_softmax="ops.log_softmax({z})",
    after=(
        'keras.config.set_floatx("float64")',
        'keras.config.set_dtype_policy("float64")',
        "np.set_printoptions(precision=10)",
    ),
)

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (NUMPY, TORCH, KERAS, JAX)}
