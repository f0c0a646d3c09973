"""What other programs and courses call a field, and what stands for it here."""

from __future__ import annotations

_RATE = "The learning rate is network.learning_rate."
_WEIGHT_DECAY = "Write optimizer: {name: sgd, weight_decay: ...}, or a penalty: regularisation: {l2: ...}."
_PENALTY = "Write regularisation: {l2: ...} or {l1: ...}."
_CLIP = "Write clip: {norm: ...} or {value: ...}."
_MOMENTUM = "The factor of a momentum is called momentum."

#: By unknown field, in small letters: what the author is told.
HINTS = {
    "lr": _RATE,
    "eta": _RATE,
    "rate": _RATE,
    "iterations": "Write epochs, or updates for a number of single updates.",
    "steps": "Write epochs, or updates for a number of single updates.",
    "momentum": "Write optimizer: {name: momentum, momentum: ...}.",
    "weight_decay": _WEIGHT_DECAY,
    "l1": _PENALTY,
    "l2": _PENALTY,
    "lambda": "The factor of a penalty is called l2, or l1.",
    "penalty": _PENALTY,
    "clip_norm": _CLIP,
    "clip_value": _CLIP,
    "max_norm": "Write norm.",
    "freeze": "Write frozen.",
    "outputs": "The values that the outputs should have are targets.",
    "labels": "The values that the outputs should have are targets.",
    "y": "The values that the outputs should have are targets.",
    "x": "The data are called inputs.",
    "data": "The data are inputs and targets, or samples: [{inputs: [...], targets: [...]}, ...].",
    "neurons": "Write units.",
    "nodes": "Write units.",
    "size": "Write units.",
    "w": "Write weights.",
    "b": "Write biases.",
    "threshold": "Write biases for the layer, and thresholds: true under network: they are subtracted.",
    "seed": "Write initialisation: {seed: ...} under network.",
    "decimals": "Write digits, with kind: places.",
    "places": "Write digits, with kind: places.",
    "description": "Write introduction.",
    "betas": "Write beta1 and beta2.",
    "eps": "Write epsilon.",
    "beta": "Write momentum (of a momentum) or rho (of rmsprop); a swish with beta is an expression.",
    "mu": _MOMENTUM,
    "nesterov": "Write name: nesterov.",
    "decay": "Write rho.",
    "velocity": "Moments at the start stand under state, as in state: {velocity.w1: 0.1}.",
    "initial": "Write start.",
    "step_size": "Write every.",
    "dropout": "Dropout is a layer, {type: dropout, mask: [1, 0], rate: 0.5}; all layers then have a type.",
}

#: The same for the fields of a sheet.
SHEET_HINTS = {
    "degree": "Write as.",
    "marks": "Write points.",
    "score": "Write points.",
    "exercises": "Write problems.",
    "questions": "Write problems.",
    "tasks": "Write problems.",
    "picture": "Write diagram.",
    "space": "Write room.",
    "fields": "The lines to fill in are head.",
}

#: By unknown word of a choice, in small letters: the word that stands for it here.
WORDS = {
    "gd": "sgd",
    "gradient_descent": "sgd",
    "nag": "nesterov",
    "stochastic": "online",
    "single": "online",
    "sgd": "online",
    "batch": "full",
    "all": "full",
    "average": "mean",
    "time": "inverse_time",
    "decay": "inverse_time",
}
