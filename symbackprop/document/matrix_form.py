"""The vector and matrix form of a worked solution: forward, error, backward, each step for a whole layer."""

from __future__ import annotations

from ..keys import key
from ..rules import activation_rule
from ..rules.derivation import fill
from ..names import Name
from ..terms import Call, Matrix, Negation, Partial, Symbol, Term
from . import wording
from .blocks import Line
from .forward_pass import add_error
from .matrix_algebra import Item, entrywise, lifted, product, total
from .matrix_lines import MatrixLines
from .matrix_network import Layout, NetworkMatrices
from .sheet import Lines, Sheet, line
from .slopes import add_slopes

#: Up to so many entries of a layer's function are written out one by one.
FEW_ENTRIES = 12


def add_matrix_form(sheet: Sheet) -> None:
    """Add the matrices that are given, the forward pass, the error and the backward pass."""
    layout = Layout.of(sheet)
    matrices = NetworkMatrices(sheet, layout)
    _add_conventions(sheet, matrices)
    _add_givens(sheet, matrices)
    sheet.section("Forward pass")
    add_matrix_forward(sheet, matrices)
    sheet.section("Error")
    add_error(sheet)
    last = len(sheet.problem.layers) - 1
    for index in range(last, 0, -1):
        sheet.section("Backward pass: ", wording.layer_title(sheet.problem, index))
        activation = sheet.problem.layers[index].activation
        if activation is not None and not matrices.is_joint(index):
            add_slopes(sheet, [activation])
        if index == last:
            _add_output_terms(sheet, matrices, index)
        else:
            _add_hidden_terms(sheet, matrices, index)
        _add_gradients(sheet, matrices, index)


# --- what is stated first -------------------------------------------------------------------------


def _add_conventions(sheet: Sheet, matrices: NetworkMatrices) -> None:
    layout, problem = matrices.layout, sheet.problem
    sheet.section("The network in matrices")
    weights, act, net = matrices.weights(1, matrices.blocks[1][0]), matrices.act(0), matrices.net(1)
    receiving = "column" if layout.from_to else "row"
    sending = "row" if layout.from_to else "column"
    vectors = "rows" if layout.rows else "columns"
    each = f"one {vectors[:-1]} for each sample" if matrices.batch else f"vectors are {vectors}"
    sheet.text(
        weights.term, f" has a {receiving} for each unit that receives and a {sending} for each unit that sends; "
        f"{each}. So the weighted sums of a layer are ", net.term, " = ",
        total(_weighted(matrices, 1, net.turned)), *_with_bias_words(matrices),
    )  # fmt: skip
    if layout.numerator:
        sheet.text(
            "Derivatives are in numerator layout: the derivative of the number ", sheet.term("loss"), " by ",
            act.term, " or ", weights.term, " has the shape of its transpose, and a Jacobian has a row for each "
            "entry of what is derived and a column for each entry of what it is derived by.",
        )  # fmt: skip
    else:
        sheet.text(
            "Derivatives are in denominator layout: the derivative of the number ", sheet.term("loss"), " by ",
            act.term, " or ", weights.term, " has the shape of that vector or matrix, and a Jacobian has a row "
            "for each entry of what it is derived by and a column for each entry of what is derived.",
        )  # fmt: skip
    sheet.text("The sign \N{CIRCLED DOT OPERATOR} multiplies entry by entry; functions such as ",
               matrices.function(1).term, " are taken entry by entry." if not matrices.is_joint(1) else
               " take the whole vector.")  # fmt: skip
    if any(len(sources) > 1 or sources != (to - 1,) for to, sources in matrices.blocks.items()):
        sheet.text(
            "Connections past a layer have a matrix of their own, which names the layer that they come from."
        )
    if any(matrices.mask(to, source) for to, sources in matrices.blocks.items() for source in sources):
        sheet.text("Where there is no connection, a weight matrix has a 0, and so has its gradient.")
    if any(matrices.bias_mask(index, "M") for index in range(1, len(problem.layers))):
        sheet.text("Where a unit has no bias, the vector has a 0.")
    if any(matrices.shares_biases(index) for index in range(1, len(problem.layers))):
        sheet.text("A bias that units share stands in the vector once for each of them; it is one number.")


def _with_bias_words(matrices: NetworkMatrices) -> tuple[str | Term, ...]:
    bias = matrices.bias(1)
    return (".",) if bias is None else (" plus the biases ", bias.term, ".")


def _add_givens(sheet: Sheet, matrices: NetworkMatrices) -> None:
    lines = MatrixLines(sheet, matrices)
    for item in (matrices.act(0), matrices.target()):
        lines.add(item.term, ("=", item.entries), ("=", sheet.substituted(item.entries)))
    lines.finish()
    for to, sources in matrices.blocks.items():
        lines = MatrixLines(sheet, matrices)
        items = [matrices.weights(to, source) for source in sources]
        bias = matrices.bias(to)
        for item in (*items, *([bias] if bias is not None else [])):
            lines.add(item.term, ("=", item.entries), ("=", sheet.substituted(item.entries)))
        for source in sources:
            mask = matrices.mask(to, source)
            if mask is not None:
                lines.add(mask.term, ("=", mask.entries), note=line("1 for each connection"))
        lines.finish()


# --- forward --------------------------------------------------------------------------------------


def add_matrix_forward(sheet: Sheet, matrices: NetworkMatrices, *, again: bool = False) -> None:
    """Add net inputs and activations, layer by layer; `again` goes straight to the numbers."""
    for index, layer in enumerate(sheet.problem.layers[1:], start=1):
        title = wording.layer_title(sheet.problem, index)
        act, net = matrices.act(index), matrices.net(index)
        lines = MatrixLines(sheet, matrices, title[0].upper() + title[1:])
        if all(unit in sheet.problem.given for unit in layer.units) and not again:
            lines.result(act, act.entries, shown=True, note=line("given"))
            lines.finish()
            continue
        terms = _weighted(matrices, index, net.turned)
        bias = matrices.bias(index)
        if bias is not None:
            factors = [bias, _across(matrices)] if matrices.batch else [bias]
            shift = product(factors, net.turned)
            terms.append(Negation(shift) if sheet.problem.thresholds else shift)
        lines.state(net, total(terms), shapes=not again, entries=not again, note=_net_note(sheet, matrices))
        _add_activation(sheet, matrices, lines, index, again=again)
        lines.finish()


def add_second_matrix_pass(sheet: Sheet) -> None:
    """Add the forward pass with the new parameters."""
    add_matrix_forward(sheet, NetworkMatrices(sheet, Layout.of(sheet), passes=1), again=True)


def _weighted(matrices: NetworkMatrices, index: int, turned: bool) -> list[Term]:
    """Return the weighted sums of a layer: one product for each layer that feeds it."""
    return [
        product([matrices.weights(index, source), matrices.act(source)], turned)
        for source in matrices.blocks[index]
    ]


def _across(matrices: NetworkMatrices) -> Item:
    """Return the row of ones that repeats a vector for each sample."""
    ones = matrices.ones()
    return Item(ones.term, ones.entries, turned=True)


def _net_note(sheet: Sheet, matrices: NetworkMatrices) -> Line:
    if not sheet.first_time("matrix net input"):
        return ()
    if matrices.batch:
        return line("all samples at once; the ones repeat the biases for each sample")
    return line("net inputs of the whole layer; below each factor its shape")


def _add_activation(
    sheet: Sheet, matrices: NetworkMatrices, lines: MatrixLines, index: int, *, again: bool
) -> None:
    act, net, function = matrices.act(index), matrices.net(index), matrices.function(index)
    activation = sheet.problem.layers[index].activation
    assert activation is not None
    note: Line = ()
    first = sheet.first_time(f"activation {activation.name}")
    if matrices.is_joint(index):
        lines.add(act.term, ("=", function.term), note=line("over all units of the layer") if first else ())
        rows = act.entries.transposed if act.turned else act.entries
        if len(matrices.samples) == 1 and len(rows.rows) <= FEW_ENTRIES and not again:
            formulas = _formulas(sheet, act)
            lines.add(None, ("=", formulas))
            lines.result(act, formulas)
            return
        lines.result(act, act.entries)
        return
    if first:
        rule, letter = activation_rule(activation), matrices.function(index).term
        assert isinstance(letter, Call)
        variable = Symbol(Name("z"), "z")
        single = Call(letter.function, (variable,), letter.name)
        note = line(f"the {rule.title} function of each entry: ", single, " = ",
                    fill(rule.forward(activation.settings), {"z": variable}))  # fmt: skip
    lines.state(act, function.term, shapes=False, entries=not again, note=note)


def _formulas(sheet: Sheet, item: Item) -> Matrix:
    """Return the matrix of the formulas of its entries."""
    return Matrix(
        tuple(
            tuple(sheet.formula(entry.key) if _derived(sheet, entry) else entry for entry in row)  # type: ignore[attr-defined]
            for row in item.entries.rows
        )
    )


def _derived(sheet: Sheet, entry: Term) -> bool:
    return getattr(entry, "key", "") in sheet.ledger.formulas


# --- backward -------------------------------------------------------------------------------------


def _add_output_terms(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add the error terms of the outputs."""
    act, net, target, delta = (
        matrices.act(index), matrices.net(index), matrices.target(), matrices.delta(index)
    )  # fmt: skip
    definition = Partial(sheet.term("loss"), net.term)
    whole = line("the error terms of the layer, the derivative by its net inputs")
    short = lifted(_formulas(sheet, delta), [act, target], delta.turned)
    if short is not None:
        lines = MatrixLines(sheet, matrices, "Error terms of the outputs")
        reason = line("softmax and cross-entropy together: output minus target, as the Jacobian shows")
        lines.state(delta, short, note=reason if matrices.is_joint(index) else whole, equal_to=definition)
        lines.finish()
        return
    outward = matrices.outward(index)
    lines = MatrixLines(sheet, matrices, "The error by the outputs")
    formulas = _formulas(sheet, outward)
    formula = lifted(formulas, [act, target], outward.turned)
    reason = line("each entry: the derivative of the loss by one output")
    if formula is None:
        lines.add(outward.term, ("=", formulas), note=reason)
        lines.result(outward, formulas)
    else:
        lines.state(outward, formula, note=reason)
    lines.finish()
    if matrices.is_joint(index):
        _add_joint(sheet, matrices, index, whole)
        return
    _add_slope(sheet, matrices, index)
    lines = MatrixLines(sheet, matrices, "Error terms of the outputs")
    formula = entrywise([outward, matrices.slope(index)], delta.turned)
    lines.state(delta, formula, note=whole, equal_to=definition, entries=False)
    lines.finish()


def _add_joint(sheet: Sheet, matrices: NetworkMatrices, index: int, note: Line) -> None:
    """Add the error terms of a softmax layer: the Jacobian, sample by sample, times what comes back."""
    for sample in matrices.samples:
        single = NetworkMatrices(sheet, matrices.layout, sample=sample)
        jacobian, outward, delta = single.jacobian(index), single.outward(index), single.delta(index)
        title = "The Jacobian of the layer" + (f", sample {sample}" if sample is not None else "")
        lines = MatrixLines(sheet, single, title)
        formulas = _formulas(sheet, jacobian)
        lines.add(jacobian.term, ("=", jacobian.entries))
        lines.add(None, ("=", formulas), note=line("each output depends on every net input"))
        lines.result(jacobian, formulas)
        lines.finish()
        lines = MatrixLines(sheet, single)
        formula = product([jacobian, outward], delta.turned)
        lines.state(delta, formula, note=note, entries=False, equal_to=Partial(sheet.term("loss"), single.net(index).term))
        lines.finish()


def _add_slope(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add f'(z) of a layer."""
    slope = matrices.slope(index)
    lines = MatrixLines(sheet, matrices, "The slopes ", slope.term)
    formulas = _formulas(sheet, slope)
    if sheet.substituted(formulas) == formulas:  # numbers already, as the identity's
        lines.result(slope, slope.entries, shown=True)
    else:
        lines.add(slope.term, ("=", formulas))
        lines.result(slope, formulas)
    lines.finish()


def _add_jacobians(sheet: Sheet, layout: Layout, index: int) -> None:
    """Add, once, the two Jacobians that lie between the error terms of two layers."""
    if not sheet.first_time("jacobians"):
        return
    single = NetworkMatrices(sheet, layout, sample=sheet.graph.samples[0])
    after = single.fed_by(index)
    if not after or single.is_joint(index):
        return
    weights, act = single.weights(after[0], index), single.act(index)
    below = single.net(after[0])
    lines = MatrixLines(sheet, single, "The Jacobian ", Partial(below.term, act.term))
    # the derivative of W a by a: meant with a row for each entry of a, the transpose of W
    turned = Item(weights.term, weights.entries, not weights.turned)
    facing = turned.facing(layout.numerator)
    written_out = single.readings.written_out(facing)
    lines.add(
        Partial(below.term, act.term), ("=", facing), ("=", written_out), ("=", sheet.substituted(written_out)),
        note=line("of the next net inputs by what this layer sends"),
    )  # fmt: skip
    lines.finish()
    jacobian, slope = single.jacobian(index), single.slope(index)
    diagonal = Call("diag", (slope.term,))
    lines = MatrixLines(sheet, single, "The Jacobian ", jacobian.term)
    lines.add(
        jacobian.term, ("=", diagonal), ("=", jacobian.entries), ("=", sheet.substituted(jacobian.entries)),
        note=line("diagonal: each unit depends on its own net input alone", *_of_sample(single)),
    )  # fmt: skip
    lines.finish()
    sheet.text(
        "Multiplying by a diagonal matrix is multiplying entry by entry: the product with ", diagonal,
        " is written as one with ", slope.term, " and \N{CIRCLED DOT OPERATOR}.",
    )  # fmt: skip


def _of_sample(single: NetworkMatrices) -> tuple[str, ...]:
    (sample,) = single.samples
    return () if sample is None else (f"; here for sample {sample}",)


def _add_hidden_terms(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add the error terms of a hidden layer, from those of the layers that it feeds."""
    after = matrices.fed_by(index)
    outward, delta, slope = matrices.outward(index), matrices.delta(index), matrices.slope(index)
    backward = _backward(matrices, index, outward.turned)
    if not after or backward is None:
        return
    lines = MatrixLines(sheet, matrices, "What comes back from the next layer")
    note = line("each error term goes back by the weights that it came by")
    lines.state(outward, backward, note=note if sheet.first_time("matrix back") else ())
    lines.finish()
    if matrices.is_joint(index):
        _add_joint(sheet, matrices, index, ())
        return
    _add_slope(sheet, matrices, index)
    _add_jacobians(sheet, matrices.layout, index)
    lines = MatrixLines(sheet, matrices, "Error terms of the layer")
    inner = _backward(matrices, index, delta.turned)
    assert inner is not None
    whole = entrywise([inner, slope], delta.turned)
    lines.add(delta.term, ("=", Partial(sheet.term("loss"), matrices.net(index).term)), ("=", whole))
    formula = entrywise([outward, slope], delta.turned)
    lines.add(None, ("=", matrices.readings.shaped(formula)))
    lines.result(delta, matrices.readings.written_out(formula))
    lines.finish()


def _backward(matrices: NetworkMatrices, index: int, turned: bool) -> Term | None:
    """Return what reaches a layer from all the layers that it feeds."""
    terms = []
    for to in matrices.fed_by(index):
        weights = matrices.weights(to, index)
        back = Item(weights.term, weights.entries, not weights.turned)
        terms.append(product([back, matrices.delta(to)], turned))
    return total(terms) if terms else None


# --- gradients ------------------------------------------------------------------------------------


def _add_gradients(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    delta = matrices.delta(index)
    for source in matrices.blocks[index]:
        gradient, act = matrices.weight_gradient(index, source), matrices.act(source)
        lines = MatrixLines(sheet, matrices, "Gradient of ", matrices.weights(index, source).term)
        carried = Item(act.term, act.entries, not act.turned)
        formula = product([delta, carried], gradient.turned)
        mask = matrices.mask(index, source)
        if mask is not None:
            formula = entrywise([formula, mask], gradient.turned)
        first = sheet.first_time("matrix gradient")
        note = line("error term times what the weight carries" + (", summed over the samples" if matrices.batch else ""))
        lines.state(gradient, formula, note=note if first else (), entries=not matrices.batch)
        lines.finish()
    if matrices.bias(index) is None:
        return
    if matrices.shares_biases(index):
        _add_shared(sheet, index)
        return
    gradient = matrices.bias_gradient(index)
    bias = matrices.bias(index)
    assert bias is not None
    lines = MatrixLines(sheet, matrices, "Gradient of ", bias.term)
    formula = product([delta, matrices.ones()], gradient.turned) if matrices.batch else delta.facing(gradient.turned)
    mask = matrices.bias_mask(index, "M")
    if mask is not None:
        formula = entrywise([formula, mask], gradient.turned)
    formula = Negation(formula) if sheet.problem.thresholds else formula
    note = line("the error terms of all samples added" if matrices.batch else "a bias carries 1: the error term itself")
    lines.state(gradient, formula, note=note if sheet.first_time("matrix bias") else (), entries=False)
    lines.finish()


def _add_shared(sheet: Sheet, index: int) -> None:
    """Add the gradients of biases that units share, once, at the last layer that they enter."""
    from .backward_pass import trained_at

    names = [bias.name for bias in sheet.problem.biases]
    own = [parameter.name for parameter in trained_at(sheet.problem, index) if parameter.name in names]
    lines = Lines(sheet, "Gradient of the shared biases" if len(own) > 1 else "Gradient of the shared bias")
    for name in own:
        lines.derive(key("grad", name), note=line("the sum over the units that share it"))
    if own:
        lines.finish()

