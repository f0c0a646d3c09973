"""The notation presets: each the writing of a textbook or of a family of articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .notation import Notation, NotationChoice

#: The presets, by the name that `preset:` and `--notation` take.
PRESETS: Mapping[str, Notation] = {
    "z-a": Notation(
        "z, a and y hat, full chain rule",
        "articles on one 2-2-2 network; most recent lecture notes",
        by_number=True,
    ),
    "net-out": Notation(
        "net, out and target, full chain rule",
        "Matt Mazur, A Step by Step Backpropagation Example (2015), and the articles that follow it",
        net="net", hidden="out", output="out", target="target", loss="E_total",
    ),
    "sum-output": Notation(
        "sum, output and target; component by component, one chain per output error",
        "articles that print the factors of a chain one by one",
        form="components", net="sum", hidden="output", output="output", target="target",
        loss="E_total", learning_rate="n", updated="prefix", input_sign="dot",
        factor_sign="dot", factor_brackets=True,
    ),
    "h-a": Notation(
        "h and a, with error terms delta",
        "lecture notes in which h is the net input",
        form="delta", net="h", hidden="a", output="a", target="y",
    ),
    "delta-rule": Notation(
        "a and y, delta rule with added steps",
        "courses that begin from the perceptron and the delta rule",
        form="delta_rule", net="a", hidden="y", output="y", target="t", weight_first=True,
    ),
    "numbered": Notation(
        "z and a, all weights numbered through, w_5",
        "articles with a picture whose arrows are numbered",
        by_number=True, weights="numbered",
    ),
    "layered": Notation(
        "z and a with layer and units, w^(2)_jk to unit j from unit k",
        "courses that write z = W a, with a row of W for each receiving unit",
        by_number=True, units="layered", weights="layered", input="x",
    ),
    "layered-from-to": Notation(
        "z and a with layer and units, w^(2)_ij from unit i to unit j",
        "courses that write z = a W, with a row of W for each sending unit",
        by_number=True, units="layered", weights="layered", indices="from_to", input="x",
        sample_layout="rows",
    ),
    "in-out-err": Notation(
        "I, O, T and Err in tables, weights w_ij from unit i to unit j",
        "data-mining textbooks: Han, Kamber and Pei, Data Mining: Concepts and Techniques, "
        "ch. 'Classification by Backpropagation'",
        form="tables", delta_sign="descent", net="I", hidden="O", output="O", input="x", target="T",
        weight="w", bias="theta", delta="Err", residual="e", learning_rate="l",
        units="numbered", weights="indexed", indices="from_to", updated="sup", weight_first=True,
    ),
    "nielsen": Notation(
        "z, a and delta with the layer as superscript, cost C",
        "Michael Nielsen, Neural Networks and Deep Learning (2015), ch. 2",
        form="delta", output="a", input="x", target="y", weight="w", bias="b", loss="C", error="C",
        units="layered", weights="layered", layers="superscript", count_inputs=True, weight_first=True,
    ),
    "ng": Notation(
        "z, a and y hat with the layer in square brackets, loss L, rate alpha",
        "Andrew Ng, Deep Learning (Coursera)",
        input="x", weight="w", bias="b", loss="L", error="L", learning_rate="alpha", by_number=True,
        units="layered", weights="layered", layers="superscript_square", weight_first=True,
    ),
    "bishop": Notation(
        "a before and z after the activation, outputs y, targets t, biases w_j0",
        "Christopher Bishop, Pattern Recognition and Machine Learning (2006), sec. 5.3",
        form="delta", net="a", hidden="z", output="y", input="x", target="t", weight="w",
        units="layered", weights="layered", bias_index=True, by_number=True, weight_first=True,
    ),
    "goodfellow": Notation(
        "a before and h after the activation, y hat, cost J, rate epsilon",
        "Goodfellow, Bengio and Courville, Deep Learning (2016), ch. 6",
        net="a", hidden="h", output="hat y", input="x", target="y", weight="w", bias="b",
        loss="J", error="L", learning_rate="epsilon", by_number=True,
        units="layered", weights="layered", weight_first=True,
    ),
    "pdp": Notation(
        "net_pj, o_pj, t_pj and delta_pj, weights w_ji to unit j from unit i, steps added",
        "Rumelhart, Hinton and Williams, Learning Internal Representations by Error Propagation (1986)",
        form="delta_rule", net="net", hidden="o", output="o", input="i", target="t", weight="w",
        bias="theta", units="numbered", weights="indexed", samples="subscript", weight_first=True,
    ),
    "mitchell": Notation(
        "net_j, o_j, t_j and delta_j, weights w_ji to unit j from unit i, steps added",
        "Tom Mitchell, Machine Learning (1997), ch. 4",
        form="delta_rule", net="net", hidden="o", output="o", input="x", target="t", weight="w",
        bias="b", units="numbered", weights="indexed", weight_first=True,
    ),
    "haykin": Notation(
        "induced local field v, output y, desired response d, error e, local gradient delta",
        "Simon Haykin, Neural Networks and Learning Machines (2009), ch. 4",
        form="delta_rule", net="v", hidden="y", output="y", input="x", target="d", weight="w", bias="b",
        units="layered", weights="layered", weight_first=True,
    ),
    "russell-norvig": Notation(
        "in_j, a_j and Delta_j, weights w_ij from unit i to unit j, rate alpha",
        "Russell and Norvig, Artificial Intelligence: A Modern Approach, ch. 'Multilayer networks'",
        form="delta_rule", net="in", hidden="a", output="a", input="x", target="y", weight="w", bias="b",
        loss="Loss", delta="Delta", residual="Err", learning_rate="alpha",
        units="numbered", weights="indexed", indices="from_to", weight_first=True,
    ),
    "hagan": Notation(
        "net input n, output a, sensitivities s with the layer as superscript, rate alpha",
        "Hagan, Demuth and Beale, Neural Network Design, ch. 11",
        form="delta", net="n", hidden="a", output="a", input="p", target="t", weight="w", bias="b",
        loss="F", error="F", delta="s", learning_rate="alpha",
        units="layered", weights="layered", layers="superscript", weight_first=True,
    ),
}  # fmt: skip


def notation_of(choice: NotationChoice) -> Notation:
    """Return the complete notation of an author's choice.

    Raises:
        KeyError: no preset of that name.
    """
    options: Mapping[str, Any] = choice.options
    letters: Mapping[str, Any] = {family: str(name) for family, name in choice.letters.items()}
    chosen = replace(PRESETS[choice.preset], names=dict(choice.names), **{**letters, **options})
    return _with_sign(chosen, "form" in options, "delta_sign" in options)


def _with_sign(notation: Notation, form_chosen: bool, sign_chosen: bool) -> Notation:
    """Return the notation with form and sign of the error terms in keeping.

    The forms "delta" and "delta_rule" are one form with the two signs: what the author has chosen decides.
    """
    sign, form = notation.delta_sign, notation.form
    if form == "delta_rule" and not (sign_chosen and sign == "loss"):
        return replace(notation, delta_sign="descent")
    if form == "delta_rule":
        return replace(notation, form="delta")
    if form == "delta" and sign == "descent":
        if sign_chosen or not form_chosen:
            return replace(notation, form="delta_rule")
        return replace(notation, delta_sign="loss")
    if form == "tables":
        return notation if sign else replace(notation, delta_sign="loss")
    return replace(notation, delta_sign="")
