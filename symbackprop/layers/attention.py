"""Scaled dot-product attention, of one head or several, over tokens x features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema

from ..formulas.terms import Call, Fraction, Number
from ..spec import fields
from ..spec.suggest import did_you_mean, listed
from .assembly import Assembly, Numbers, Units
from .attention_parts import Parts, dot, lay_softmax, project, projection_matrix
from .giving import check_given, check_shape
from .layer import Fault, NumberArray, TypedLayer, parse_numbers
from .sequence import StateField, vector_of
from .sizes import shape_text

ONE = Number("1")


def parse_mask(value: object) -> str | Numbers:
    """Return "none", "causal", or a matrix of noughts and ones.

    Raises:
        Fault: it is neither.
    """
    if isinstance(value, str):
        if value in ("none", "causal"):
            return value
        raise Fault("not a mask", expected="none, causal, or a matrix of 0 (hidden) and 1 (seen)")
    numbers = parse_numbers(value)
    for place in np.ndindex(numbers.shape):
        if numbers[place] not in (Number("0"), ONE):
            raise Fault("not a mask", expected="0 (hidden) or 1 (seen)", inside=place)
    return numbers


MaskField = Annotated[Any, PlainValidator(parse_mask), WithJsonSchema({"type": ["string", "array"]})]


class AttentionLayer(TypedLayer):
    """softmax(Q K^T / sqrt(d_k)) V, then W_O: what every token takes from the others.

    Shapes: tokens x d_model come in; W_Q and W_K heads d_k x d_model, W_V heads d_v x d_model, W_O d_out x
    heads d_v, a row per entry of the result (under `layout: columns` transposed: Q = X W_Q). Rows of W_Q, W_K
    and W_V belong to the heads one after the other. Source: Vaswani et al. 2017, "Attention is all you need",
    sections 3.2.1 and 3.2.2; PyTorch's nn.MultiheadAttention splits its matrices in the same way.
    """

    type: Literal["attention"] = Field("attention", description="Scaled dot-product attention.")
    heads: fields.Units = Field(1, description="How many heads; one if not given.")
    queries: StateField = Field(
        None, description="Where queries come from: an input or layer, or a matrix Q to train."
    )
    keys: StateField = Field(
        None, description="Where keys come from: an input or layer, or a matrix K to train."
    )
    values: StateField = Field(
        None, description="Where values come from, if not from where the keys do, or a matrix V."
    )
    W_Q: NumberArray | None = Field(
        None, description="The matrix that makes queries; none: taken as they come."
    )
    W_K: NumberArray | None = Field(None, description="The matrix that makes keys; none: taken as they come.")
    W_V: NumberArray | None = Field(
        None, description="The matrix that makes values; none: taken as they come."
    )
    W_O: NumberArray | None = Field(None, description="The output projection; none: the heads side by side.")
    b_Q: NumberArray | None = Field(None, description="A bias for each entry of a query.")  # noqa: N815
    b_K: NumberArray | None = Field(None, description="A bias for each entry of a key.")  # noqa: N815
    b_V: NumberArray | None = Field(None, description="A bias for each entry of a value.")  # noqa: N815
    b_O: NumberArray | None = Field(None, description="A bias for each entry of the output projection.")  # noqa: N815
    scale: Literal["sqrt", "none"] = Field(
        "sqrt", description="Scores over the square root of d_k, or as they are."
    )
    mask: MaskField = Field(
        "none", description="causal: a token sees itself and those before; or a matrix of 0 and 1."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay projections, then for each head scores, softmax and weighted values, then the output.

        Raises:
            Fault: matrices do not fit each other or what comes in.
        """
        number = assembly.number_of("attention")
        mark = self.name or ("" if number == 1 else f"attention{number}")
        parts = Parts(assembly, mark)
        q = self._entries("Q", "queries", incoming, parts)
        k = self._entries("K", "keys", incoming, parts)
        v = self._entries("V", "values", incoming, parts)
        self._check(q, k, v)
        seen = self._seen(len(q), len(k))
        contexts = []
        for head in range(self.heads):
            q_head, k_head, v_head = (np.split(array, self.heads, axis=1)[head] for array in (q, k, v))
            own = parts.of_head(head + 1 if self.heads > 1 else 0)
            contexts.append(self._lay_head(q_head, k_head, v_head, seen, own))
        joined = np.concatenate(contexts, axis=1)
        return joined if self.W_O is None else self._lay_output(joined, parts)

    # --- queries, keys, values --------------------------------------------------------------

    def _entries(self, letter: str, field: str, incoming: Units, parts: Parts) -> Units:
        """Return the entries of Q, K or V: computed from the tokens, taken as they come, or parameters."""
        given: Any = getattr(self, field)
        if given is None and field == "values":
            field, given = "keys", self.keys if isinstance(self.keys, str) else None
        matrix: Numbers | None = getattr(self, f"W_{letter}")
        bias: Numbers | None = getattr(self, f"b_{letter}")
        if isinstance(given, np.ndarray):
            return self._trained(letter, field, given, matrix, parts)
        source = _earlier(given, field, parts.assembly) if isinstance(given, str) else incoming
        if source.ndim != 2:
            expected = "tokens x features"
            raise Fault(
                f"{shape_text(source.shape)} values come in",
                expected=expected,
                inside=(field,) if given else (),
            )
        if matrix is None:
            if bias is not None:
                raise Fault("a bias without its matrix", expected=f"W_{letter} too", inside=(f"b_{letter}",))
            return source
        weights = projection_matrix(f"W_{letter}", matrix, source.shape[1], parts)
        biases = (
            None
            if bias is None
            else vector_of(parts.family(f"b_{letter}"), bias, len(weights), parts.assembly, f"b_{letter}")
        )
        what = {"Q": "Queries", "K": "Keys", "V": "Values"}[letter]
        singular = {"Q": "query", "K": "key", "V": "value"}[letter]
        note = PROJECTION_NOTES[parts.assembly.columns].format(what=singular)
        parts.assembly.stage(parts.title(what), note)
        return project(letter.lower(), source, weights, biases, self.heads, parts)

    def _trained(
        self, letter: str, field: str, given: Numbers, matrix: Numbers | None, parts: Parts
    ) -> Units:
        if matrix is not None:
            raise Fault(
                f"a matrix {letter} and a matrix that makes it",
                expected=f"{field} or W_{letter}",
                inside=(field,),
            )
        if given.ndim != 2:
            raise Fault("not a matrix", expected="tokens x features", inside=(field,))
        check_given(given, field, parts.assembly)
        return parts.assembly.parameter_array(parts.family(letter), given)

    def _check(self, q: Units, k: Units, v: Units) -> None:
        if q.shape[1] != k.shape[1]:
            raise Fault(
                f"queries have {q.shape[1]} entries and keys {k.shape[1]}", expected="as many in both"
            )
        if len(k) != len(v):
            raise Fault(f"there are {len(k)} keys and {len(v)} values", expected="a value for each key")
        for what, array in (("queries and keys", q), ("values", v)):
            if array.shape[1] % self.heads:
                raise Fault(
                    f"{what} of {array.shape[1]} entries cannot be split among the heads",
                    expected=f"a number of heads that divides {array.shape[1]}",
                    inside=("heads",),
                )

    def _seen(self, queries: int, keys: int) -> list[list[int]]:
        """Return, for every query, the keys that it sees."""
        if isinstance(self.mask, str):
            causal = self.mask == "causal"
            return [[key for key in range(keys) if not causal or key <= query] for query in range(queries)]
        check_shape(self.mask, (queries, keys), "mask", "the entries of the mask")
        seen = [[key for key in range(keys) if row[key] == ONE] for row in self.mask]
        for query, row in enumerate(seen):
            if not row:
                raise Fault(
                    "a token that sees nothing",
                    expected="at least one 1 in every row",
                    inside=("mask", query),
                )
        return seen

    # --- a head -----------------------------------------------------------------------------

    def _lay_head(self, q: Units, k: Units, v: Units, seen: Sequence[Sequence[int]], parts: Parts) -> Units:
        hidden = sum(map(len, seen)) < len(q) * len(k)
        parts.assembly.stage(parts.title("Scores"), self._note(q.shape[1], hidden))
        scores = [
            {key: self._lay_score(q[query], k[key], (query, key), parts) for key in row}
            for query, row in enumerate(seen)
        ]
        parts.assembly.stage(parts.title("Attention weights"), WEIGHTS_NOTE)
        weights = [lay_softmax(row, query, parts) for query, row in enumerate(scores)]
        parts.assembly.stage(
            parts.title("Weighted values"), "Each token's context: the values, weighted by its attention."
        )
        result = np.empty((len(q), v.shape[1]), dtype=object)
        for query, column in np.ndindex(result.shape):
            pairs = [(weight, str(v[key, column])) for key, weight in weights[query].items()]
            result[query, column] = parts.node("c", (query, column), dot(pairs, parts.assembly))
        for letter in () if hidden else ("s", "a") if self.scale == "none" else ("s", "e", "a"):
            parts.grid(letter, (len(q), len(k)))
        parts.array("C", result)
        return result

    def _lay_score(self, query: Units, key: Units, place: tuple[int, int], parts: Parts) -> str:
        pairs = [(str(a), str(b)) for a, b in zip(query, key, strict=True)]
        score = parts.node("s", place, dot(pairs, parts.assembly))
        if self.scale == "none":
            return score
        root = Call("sqrt", (Number(str(len(query))),))
        return parts.node("e", place, lambda sample: Fraction(parts.assembly.sent(score, sample), root))

    def _note(self, width: int, hidden: bool) -> str:
        note = "s is the product of a query and a key"
        if self.scale == "sqrt":
            note += f"; e is the score over the square root of their length, {width}"
        return f"{note}. What the mask hides gets no score and attention 0." if hidden else f"{note}."

    def _lay_output(self, contexts: Units, parts: Parts) -> Units:
        assert self.W_O is not None
        weights = projection_matrix("W_O", self.W_O, contexts.shape[1], parts)
        biases = None
        if self.b_O is not None:
            biases = vector_of(parts.family("b_O"), self.b_O, len(weights), parts.assembly, "b_O")
        parts.assembly.stage(
            parts.title("Output projection"),
            "The contexts of all heads side by side, times the output matrix.",
        )
        return project("o", contexts, weights, biases, 1, parts)


def _earlier(name: str, field: str, assembly: Assembly) -> Units:
    if name not in assembly.outputs:
        raise Fault(
            "no input and no earlier layer has this name", expected=f"one of {listed(assembly.outputs)}",
            hint=did_you_mean(name, assembly.outputs), inside=(field,),
        )  # fmt: skip
    return assembly.outputs[name]


WEIGHTS_NOTE = "Softmax along each row: how much of each token's value the row's token takes."
PROJECTION_NOTES = {
    False: "Each token's {what}: an entry for each row of the matrix, which is multiplied by the token.",
    True: "Each token's {what}: the token, as a row, times the matrix, which has a column for each entry.",
}

__all__ = ["AttentionLayer"]
