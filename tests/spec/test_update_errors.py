"""Every mistake in the training fields gives exactly this text."""

from __future__ import annotations

import pytest

from symbackprop.errors import ProblemError
from symbackprop.spec import read_problem

BASE = """\
title: Updates
network:
  samples:
    - {inputs: [0.5], targets: [0.1]}
    - {inputs: [0.9], targets: [0.9]}
  layers:
    - {units: 1, activation: sigmoid, weights: [[0.15]], biases: 0.4}
"""
RATE = "learning_rate: 0.1\n"

CASES = [
    (
        "optimizer: adm\n" + RATE,
        "p.yaml:8: optimizer: unknown value; given adm; expected one of sgd, momentum, nesterov, adagrad, "
        "rmsprop, adam, adamw, adadelta. Did you mean adam?",
    ),
    (
        "optimizer: {name: adam, momentum: 0.9}\n" + RATE,
        "p.yaml:8: optimizer.momentum: adam has no momentum; given 0.9; expected one of beta1, "
        "beta2, epsilon, "
        "weight_decay, epsilon_place, bias_correction",
    ),
    (
        "optimizer: {name: adam, beta1: 1}\n" + RATE,
        "p.yaml:8: optimizer.beta1: out of range; given 1; expected a number from 0 to below 1",
    ),
    (
        "optimizer: {name: rmsprop, rho: 0.9, alpha: 0.99}\n" + RATE,
        "p.yaml:8: optimizer.alpha: rho is written too; expected only one of the two",
    ),
    (
        "optimizer: {name: adadelta, epsilon: 0}\n" + RATE,
        "p.yaml:8: optimizer.epsilon: out of range; given 0; expected a number above 0",
    ),
    (
        "optimizer: adam\n",
        "p.yaml:8: optimizer: an optimizer needs a learning rate; expected a learning_rate under network",
    ),
    (
        "batches: [[1], [2]]\n",
        "p.yaml:8: batches: batches need a learning rate; expected a learning_rate under network",
    ),
    (
        "batches: [[1], [3]]\n" + RATE,
        "p.yaml:8: batches[2][1]: no sample of this number; given 3; expected a whole number from 1 to 2",
    ),
    (
        "batches: [[1], []]\n" + RATE,
        "p.yaml:8: batches[2]: no sample; given an empty list; expected at least one sample",
    ),
    (
        "batches: online\nbatch_size: 1\n" + RATE,
        "p.yaml:9: batch_size: batches are written too; expected only one of the two",
    ),
    (
        "batch_size: 3\n" + RATE,
        "p.yaml:8: batch_size: more than there are samples; given 3; expected at most 2",
    ),
    (
        "updates: 3\nepochs: 2\n" + RATE,
        "p.yaml:8: updates: epochs are written too; expected only one of the two",
    ),
    (
        "learning_rate: {start: 0.1, schedule: step, every: 2}\n",
        "p.yaml:8: learning_rate.gamma: missing; expected gamma, which the schedule step needs",
    ),
    (
        "learning_rate: {start: 0.1, schedule: cosine, gamma: 2}\n",
        "p.yaml:8: learning_rate.gamma: the schedule cosine has no gamma; expected only start, end, over",
    ),
    (
        "learning_rate: {schedule: exponential, gamma: 0.5}\n",
        "p.yaml:8: learning_rate.start: missing; expected the rate of the first update",
    ),
    (
        "learning_rate: {schedule: list, rates: [0.1, 0]}\n",
        "p.yaml:8: learning_rate.rates[2]: the learning rate is not positive; given 0; expected a "
        "number above "
        "0, or null for gradients without an update",
    ),
    (
        "learning_rates: {c*: 0.1}\n" + RATE,
        'p.yaml:8: learning_rates["c*"]: fits no parameter that is updated; given c*; expected one '
        "of w1_1_1, b1, "
        "or a pattern such as b*",
    ),
    (
        "clip: {value: 1, norm: 1}\n" + RATE,
        "p.yaml:8: clip: value or norm; expected one of the two: {norm: 1.0} or {value: 0.5}",
    ),
    ("clip: {norm: 0}\n" + RATE, "p.yaml:8: clip.norm: out of range; given 0; expected a number above 0"),
    (
        "regularisation: {parameters: w*}\n" + RATE,
        "p.yaml:8: regularisation: neither l1 nor l2; expected a mapping such as {l2: 0.01}",
    ),
    (
        "regularisation: {l2: 0.1}\nascent: true\n" + RATE,
        "p.yaml:9: ascent: a penalty cannot be climbed; given true; expected ascent without regularisation",
    ),
    (
        "regularisation: {l2: 0.1}\nregularization: {l2: 0.1}\n" + RATE,
        "p.yaml:9: regularization: regularisation is written too; expected only one of the two",
    ),
    (
        "optimizer: momentum\nstate: {m.b1: 0.1}\n" + RATE,
        'p.yaml:9: state["m.b1"]: momentum remembers nothing of this name; given m.b1; expected '
        "step or one of velocity.*",
    ),
    (
        "optimizer: momentum\nstate: {velocity.b2: 0.1}\n" + RATE,
        'p.yaml:9: state["velocity.b2"]: no parameter of this name is updated; given b2; expected '
        "one of w1_1_1, b1",
    ),
    (
        "optimizer: adam\nstate: {v.b1: -1}\n" + RATE,
        'p.yaml:9: state["v.b1"]: a mean of squares is not negative; given -1; expected a number from 0 on',
    ),
    (
        "optimizer: adam\nstate: {step: 1.5}\n" + RATE,
        "p.yaml:9: state.step: not a whole number; given 1.5; expected how many updates were made before",
    ),
    (
        "trainable: [w*]\nfrozen: [w1_1_1]\n" + RATE,
        "p.yaml:8: trainable: w1_1_1 is to be trained and frozen; expected one of the two",
    ),
    (
        "epochs: 600000\nbatches: online\n" + RATE,
        "p.yaml:8: epochs: too many updates; given 1200000; expected at most 1000000",
    ),
]


@pytest.mark.parametrize(("fields", "text"), CASES, ids=[fields.splitlines()[0] for fields, _ in CASES])
def test_error_text(fields: str, text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(BASE + fields, "p.yaml")
    assert str(caught.value) == text


def test_fields_may_stand_under_network() -> None:
    inside = BASE + "  learning_rate: 0.1\n  optimizer: adam\n  batches: online\n"
    outside = BASE + RATE + "optimizer: adam\nbatches: online\n"
    assert read_problem(inside, "p.yaml").descent == read_problem(outside, "p.yaml").descent
