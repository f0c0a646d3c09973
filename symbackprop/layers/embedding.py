"""Embedding: rows of a table looked up by whole numbers."""

from __future__ import annotations

from fractions import Fraction as Rational
from typing import Literal

import numpy as np
from pydantic import Field

from ..formulas.names import Name
from ..formulas.terms import Term
from ..spec.fields import Units as Count
from .giving import TiedField, check_given, nothing, tie_note, tied_weights
from .label import Label, label
from .layer import Assembly, Fault, NumberArray, TypedLayer, Units
from .naming import element


class EmbeddingLayer(TypedLayer):
    """e_{tj} = C_{x_t j}: position t sends out the row of the table whose number comes in.

    The table may also be called by the name of the layer, for `tied`. The derivative by a row is the sum over
    the positions that used it. Source: Bengio and others, A Neural Probabilistic Language Model, 2003.
    """

    type: Literal["embedding"] = Field("embedding", description="Rows of a table, looked up by number.")
    table: NumberArray | None = Field(None, description="The table: a row for each number that may come in.")
    rows: Count | None = Field(None, description="How many rows there are, where the table is drawn.")
    width: Count | None = Field(None, description="How long a row is, where the table is drawn.")
    tied: TiedField | None = Field(None, description="The layer whose weights are the table.")
    first: Literal["0", "1"] = Field("0", description="0 or 1: the number of the table's first row.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a copy of the row for every number that comes in.

        Raises:
            Fault: what comes in are no whole numbers of rows, or the table does not fit.
        """
        own = label(self.name, "embedding", "e", assembly)
        tying = "" if self.tied is None else f" {tie_note(self.tied)}"
        assembly.stage(
            f"Embedding {self.name or own.mark}".strip(),
            f"Each number looks up a row of the table; the first row is row {self.first}. "
            f"By the numbers themselves nothing is differentiated.{tying}",
        )
        table = self._table(own, assembly)
        outgoing = np.empty((*incoming.shape, table.shape[1]), dtype=object)
        for place in np.ndindex(incoming.shape):
            rows = self._rows(str(incoming[place]), len(table), assembly)
            for column in range(table.shape[1]):
                where = (*place, column)

                def formula(sample: int | None, rows: list[int] = rows, column: int = column) -> Term:
                    return assembly.weight(str(table[rows[(sample or 1) - 1], column]))

                outgoing[where] = assembly.node(own.unit(where), formula, own.sent("e", where))
        return outgoing

    def _table(self, own: Label, assembly: Assembly) -> Units:
        """Return the names of the table's numbers, rows counted as the author counts them."""
        if self.tied is not None:
            table = tied_weights(self.tied, assembly)
            if self.table is not None or table.ndim != 2:
                raise Fault("a tied embedding takes a matrix and has no table", inside=("tied",))
            return table
        values = self.table
        if values is None:
            if self.rows is None or self.width is None:
                raise Fault("missing: the table", expected="rows of equal length",
                            hint="To have it drawn, write rows, width and a seeded start.")  # fmt: skip
            values = nothing((self.rows, self.width), "table", assembly)
        if values.ndim != 2:
            raise Fault("the table has the wrong shape", expected="rows of equal length", inside=("table",))
        check_given(values, "table", assembly)
        table = np.empty(values.shape, dtype=object)
        family = own.family("C")
        for row, column in np.ndindex(values.shape):
            index = (row + int(self.first), column + 1)
            between = "," if max(*values.shape, 9) > 9 else ""
            above = (f"({own.mark})",) if own.mark else ()
            name = Name("C", (between.join(map(str, index)),), above)
            table[row, column] = assembly.parameter(
                element(family, index), values.item(row, column), name, family
            )
        assembly.array(family, table)
        if self.name:
            assembly.kernels[self.name] = table
        return table

    def _rows(self, source: str, count: int, assembly: Assembly) -> list[int]:
        """Return, for each sample, the row that an input looks up, counted from 0."""
        if source not in assembly.data:
            raise Fault(
                "an embedding looks up given numbers", expected="inputs, not what a layer computes",
                hint="Take them with `from`: the name of the inputs is x.",
            )  # fmt: skip
        assembly.wired[source] = None
        rows = []
        for number in assembly.data[source]:
            value = Rational(str(number))
            if value.denominator != 1 or not 0 <= value - int(self.first) < count:
                last = count - 1 + int(self.first)
                raise Fault(
                    f"the input {source} is {number}, not a row of the table",
                    expected=f"a whole number from {self.first} to {last}",
                )
            rows.append(int(value) - int(self.first))
        return rows
