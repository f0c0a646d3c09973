"""The update on the page: the rule in symbols, then every moment of every parameter."""

from __future__ import annotations

from collections.abc import Sequence

from ..derivation.updating.clipping import cut, shortened
from ..derivation.updating.passes import moment_key, rate_key, trained
from ..derivation.updating.rates import general_rate
from ..formulas.names import Name
from ..formulas.terms import Comparison, Negation, Number, Sum, Symbol, Term
from ..formulas.terms import keys as keys_in
from ..keys import key
from ..notation.update_names import LETTERS
from ..rules.optimizers import Moment, Places, UpdateRule, looked_ahead, remembered, update_rule
from ..spec.problem import Bias
from . import update_wording, wording
from .blocks import Line, Reference, Table
from .sheet import Lines, Sheet, line

#: Up to this many parameters are derived one by one; of more the first few, the rest in a table.
FEW_PARAMETERS, REPRESENTATIVES = 12, 3

#: A table of an update with more columns than this is parted: the moments, then the step and the new value.
MOST_COLUMNS = 7

#: So many moments with their symbols stand in one block.
FEW_TOGETHER = 2

#: What an author wants to see of a later update, one table each, where there are no more than these.
FEW_UPDATES = 4


def add_updates(sheet: Sheet) -> None:
    """Add the section on the update where it is more than one subtraction per parameter."""
    problem = sheet.problem
    if problem.learning_rate is None or problem.descent.inline:
        return
    names = [name for name in trained(problem) if sheet.ledger.vocabulary.parameter(name, 1) in sheet.ledger]
    derived, tabulated, _ = sheet.selection.split(dict.fromkeys(names))
    shown = [*derived, *tabulated]
    if not shown:
        return
    sheet.section("Update: ", update_wording.rule_title(problem))
    add_rule(sheet)
    add_rate(sheet)
    _add_norm(sheet, names)
    full = list(derived) if len(shown) <= FEW_PARAMETERS else list(derived[:REPRESENTATIVES])
    for position, name in enumerate(full):
        _add_parameter(sheet, name, symbols=position == 0)
    if len(full) < len(shown):
        sheet.text("The other parameters in the same way:")
        add_update_table(sheet, [name for name in shown if name not in full], 0)


def say_batches(sheet: Sheet) -> None:
    """Say in which order the samples are taken, where not all are at once."""
    if sheet.problem.learning_rate is not None and sheet.problem.descent.batches:
        sheet.text(update_wording.batches_statement(sheet.problem))
    say_step(sheet)


def say_step(sheet: Sheet) -> None:
    """Add what a step takes beside the gradient, where each is one line and has no section of its own."""
    descent = sheet.problem.descent
    if sheet.problem.learning_rate is None or not descent.inline or descent.plain:
        return
    add_rate(sheet)
    _say_own_rates(sheet)
    said = update_wording.conventions(descent)
    if said:
        sheet.text(" ".join(said), small=True)


def add_rule(sheet: Sheet) -> None:
    """Add the rule in general symbols, its numbers and its conventions."""
    add_rule_lines(sheet)
    _say_settings(sheet)
    said = update_wording.conventions(sheet.problem.descent)
    if said:
        sheet.text(" ".join(said), small=True)
    _say_own_rates(sheet)


def add_rule_lines(sheet: Sheet) -> None:
    """Add the rule in general symbols."""
    descent = sheet.problem.descent
    places, rule = general_rule(sheet)
    lines = Lines(sheet, "The rule for every parameter ", _general("w"))
    if descent.looks_ahead:
        ahead = Name("w", accent="tilde")
        lines.add(
            Symbol(ahead), ("=", looked_ahead(descent, places)), note=line("where the gradient is taken")
        )
    if descent.clip is not None:
        raw = _general("g", "t")
        by_value = descent.clip.kind == "value"
        clipped = (
            cut(raw, sheet.term("clip.bound")) if by_value else shortened(sheet.term("clip_factor"), raw)
        )
        lines.add(
            _of("clipped"),
            ("=", clipped),
            note=line("the gradient, cut" if by_value else "the gradient, shortened"),
        )
    for moment in rule.moments:
        lines.add(_of(moment.kind), ("=", moment.formula), note=line(moment.because))
    new = Sum((_general("w", "t-1"), *rule.step))
    lines.add(_general("w", "t"), ("=", new), note=line("the new value"))
    lines.finish()


def _say_own_rates(sheet: Sheet) -> None:
    """Add the learning rates that only one parameter has."""
    rates = [rate_key(sheet.problem, name, 0) for name in sheet.problem.descent.rates]
    words: list[str | Term | Reference] = ["Own learning rates: "]
    for index, rate in enumerate(rates):
        words += [", " if index else "", Comparison(sheet.term(rate), "equal", sheet.value(rate))]
    if rates:
        sheet.text(*words, ".", small=True)


def general_rule(sheet: Sheet) -> tuple[Places, UpdateRule]:
    """Return the general symbols and the rule over them."""
    descent = sheet.problem.descent
    counted = descent.schedule is not None
    rate = Name.parse(sheet.notation.learning_rate)

    def term(place: str) -> Term:
        if place == "old":
            return _general("w", "t-1")
        if place == "gradient":
            return _general("g", "t") if descent.clip is None else _of("clipped")
        if place == "rate":
            return Symbol(rate.with_sub("t") if counted else rate)
        if place in descent.optimizer.settings:
            return sheet.term(key("optimizer", place))
        kind, _, before = place.partition(".")
        return _of(kind, "t-1" if before else "t")

    places = Places(term, Symbol(Name("t")), False, (lambda up: up) if descent.ascent else Negation)
    return places, update_rule(descent, places)


def _general(letter: str, time: str = "") -> Symbol:
    return Symbol(Name(letter, (time,) if time else ()))


def _of(kind: str, time: str = "t") -> Symbol:
    return Symbol(LETTERS[kind].with_sub(time))


def _say_settings(sheet: Sheet) -> None:
    """Add what stands for the letters of the rule."""
    descent, problem = sheet.problem.descent, sheet.problem
    keys = [key("optimizer", name) for name in descent.optimizer.settings]
    if descent.clip is not None:
        keys += ["clip.bound"] + (["clip.epsilon"] if descent.clip.epsilon is not None else [])
    words: list[str | Term | Reference] = ["Here "]
    if descent.schedule is None:
        keys.insert(0, "learning_rate")
    for index, name in enumerate(keys):
        words += [", " if index else "", Comparison(sheet.term(name), "equal", sheet.value(name))]
    kinds = remembered(descent.optimizer)
    words += ["; " if keys else "", _general("g", "t"), " is the gradient of update ", _general("t"), "."]
    if kinds and not descent.state:
        words.append(" What is remembered begins at zero.")
    elif descent.state:
        words.append(" At the start ")
        given = list(descent.state)
        for index, moment in enumerate(given):
            words += [", " if index else "", Comparison(sheet.term(moment), "equal", sheet.value(moment))]
        words.append(
            " is given" if len(given) == len(kinds) * len(trained(problem)) else " is given, the rest is zero"
        )
        words.append(".")
    if descent.steps:
        words.append(
            f" This optimizer has made {descent.steps} updates before: "
            f"the first here is t = {descent.steps + 1}."
        )
    sheet.text(*words)


def add_rate(sheet: Sheet) -> None:
    """Add the schedule of the learning rate, in general and for this update."""
    problem, schedule = sheet.problem, sheet.problem.descent.schedule
    if schedule is None:
        return
    lines = Lines(sheet, "The learning rate")
    general = schedule_formula(sheet)
    if general is not None:
        note: list[str | Term] = [*_when(sheet)]
        for index, name in enumerate(name for name in keys_in(general) if sheet.known(name)):
            note += [
                "," if index else "; with",
                " ",
                Comparison(sheet.term(name), "equal", sheet.value(name)),
            ]
        lines.add(_later_rate(sheet), ("=", general), note=line(*note))
    lines.derive("learning_rate", note=line("of this update"))
    for name in list(problem.descent.rates)[:1]:
        lines.derive(rate_key(problem, name, 0), note=line("one with a start of its own"))
    lines.finish()


def schedule_formula(sheet: Sheet) -> Term | None:
    """Return the learning rate after any number of updates; None where there is no formula for it."""
    schedule = sheet.problem.descent.schedule
    if schedule is None:
        return None
    return general_rate(
        schedule, sheet.term("schedule.start"), lambda name: sheet.term(key("schedule", name))
    )


def add_schedule(sheet: Sheet, lines: Lines) -> None:
    """Add the line of the schedule in symbols, if there is one."""
    general = schedule_formula(sheet)
    if general is not None:
        lines.add(_later_rate(sheet), ("=", general), note=line(*_when(sheet)))


def _later_rate(sheet: Sheet) -> Symbol:
    return Symbol(Name.parse(sheet.notation.learning_rate).with_sub("t+1"))


def _when(sheet: Sheet) -> list[str | Term]:
    schedule = sheet.problem.descent.schedule
    counted = "epochs" if schedule is not None and schedule.per == "epoch" else "updates"
    return ["after ", Symbol(Name("t")), f" {counted}"]


def _add_norm(sheet: Sheet, names: Sequence[str]) -> None:
    clip = sheet.problem.descent.clip
    if clip is None or clip.kind != "norm" or not sheet.known("clip_factor"):
        return
    lines = Lines(sheet, "Clipping")
    lines.derive("squared_norm", note=line(f"over all {wording.count(len(names), 'gradient')}"))
    lines.derive("gradient_norm", note=line("their length as one vector"))
    above = sheet.ledger.values["clip_factor"].ball < 1
    bound = sheet.term("clip.bound")
    reason = line("the norm is above ", bound, ": all are shortened") if above else line(
        "the norm is not above ", bound, ": nothing is cut")  # fmt: skip
    lines.derive("clip_factor", note=reason, cases=False)
    lines.finish()


def _add_parameter(sheet: Sheet, name: str, *, symbols: bool) -> None:
    kinds = {bias.name for bias in sheet.problem.biases if isinstance(bias, Bias)}
    what = "Bias " if name in kinds else "Weight " if sheet.problem.architecture is None else "Parameter "
    lines = Lines(sheet, what, sheet.term(name))
    clip = sheet.problem.descent.clip
    for index, quantity in enumerate(update_keys(sheet, name, 0)):
        if symbols and index == FEW_TOGETHER:
            lines.finish()  # so that a page may end between them
            lines = Lines(sheet)
        if quantity.startswith("clipped.") and clip is not None and clip.kind == "value":
            _add_cut(sheet, lines, name, quantity)
        else:
            lines.derive(quantity, symbols=symbols)
    lines.derive(sheet.ledger.vocabulary.parameter(name, 1), symbols=symbols)
    lines.finish()


def _add_cut(sheet: Sheet, lines: Lines, name: str, quantity: str) -> None:
    """Add a gradient as it is or, beyond the bound, the bound; the rule above states the cases."""
    gradient, bound = key("grad", name), sheet.term("clip.bound")
    if not (sheet.known(gradient) and sheet.known(quantity)):
        return
    values = sheet.ledger.values
    if values[gradient].ball == values[quantity].ball:
        chosen, note = sheet.term(gradient), line("within the bound")
    else:
        above = values[gradient].ball > 0
        chosen, note = (
            (bound, line("above the bound")) if above else (Negation(bound), line("below minus the bound"))
        )
    lines.add(sheet.term(quantity), ("=", chosen), ("=", sheet.result(quantity)), result=quantity, note=note)


def update_keys(sheet: Sheet, name: str, passes: int) -> list[str]:
    """Return the quantities of one parameter's update between gradient and new value."""
    _, rule = general_rule(sheet)
    clipped = [Moment("clipped", Number("0"))] if sheet.problem.descent.clip is not None else []
    keys = (moment_key(moment.kind, name, passes) for moment in (*clipped, *rule.moments))
    return [quantity for quantity in keys if quantity in sheet.ledger]


def add_update_table(sheet: Sheet, names: Sequence[str], passes: int) -> None:
    """Add a table of one update: gradient, moments, step and new value of each parameter."""
    words = sheet.ledger.vocabulary
    first = update_keys(sheet, names[0], passes)
    kinds = [quantity.partition(".")[0] for quantity in first]
    head: list[Line] = [line("Parameter"), line("gradient")]
    head += [line(Symbol(LETTERS[kind])) for kind in kinds]
    head += [line("step"), line("new value")]
    rows = []
    for name in names:
        keys = [key("grad", name, passes=passes), *update_keys(sheet, name, passes)]
        keys += [key("step", name, passes=passes), words.parameter(name, passes + 1)]
        rows.append(
            (line(sheet.term(name)), *(line(sheet.value(k) if sheet.known(k) else "not known") for k in keys))
        )
    parts = [slice(1, None)] if len(head) <= MOST_COLUMNS else [slice(1, -2), slice(-2, None)]
    for part in parts:
        columns = (head[0], *head[part])
        body = tuple((row[0], *row[part]) for row in rows)
        align = ("left", *["right"] * (len(columns) - 1))
        sheet.add(Table(columns, body, align, breakable=len(rows) > 24, small=True))


def add_later_updates(sheet: Sheet) -> None:
    """Add a table for each update after the first, where they are few and have moments."""
    problem = sheet.problem
    if problem.descent.inline or not 1 < problem.updates <= FEW_UPDATES:
        return
    names = [name for name in trained(problem) if key("grad", name) in sheet.ledger]
    listed = [name for part in sheet.selection.split(dict.fromkeys(names))[:2] for name in part]
    for passes in range(1, problem.updates):
        batch = problem.descent.batch(passes)
        title: list[str | Term] = [f"Update {passes + 1}"]
        if batch:
            title.append(f": sample{'s' if len(batch) > 1 else ''} {update_wording.batch_title(batch)}")
        if problem.descent.schedule is not None:
            rate = key("learning_rate", "", passes=passes)
            title += [", ", Comparison(sheet.term(rate), "equal", sheet.value(rate))]
        sheet.part(*title)
        add_update_table(sheet, listed, passes)


__all__ = ["add_later_updates", "add_rate", "add_rule", "add_update_table", "add_updates", "say_batches"]
