"""Instructions of a sheet: paragraphs of plain text with formulas between dollar signs.

A formula is read by the closed grammar of expressions; `=` may stand between several. Nothing is evaluated
and nothing is source text of any format, so nothing that is written there can do harm.
"""

from __future__ import annotations

import re

from ..formulas.expressions import (
    Application,
    Condition,
    Expression,
    ExpressionError,
    Literal,
    Operator,
    Reference,
    parse_expression,
)
from ..formulas.names import Name
from ..formulas.terms import Call, Comparison, Fraction, Negation, Number, Power, Product, Sum, Symbol, Term
from ..numbers.functions import FUNCTIONS
from .faults import Path, Written

#: A paragraph: texts, and formulas as terms.
Instruction = tuple[str | Term, ...]

_PARTS = re.compile(r"\$((?:[^$\\]|\\.)*)\$")
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")


def instructions(text: str, path: Path, written: Written) -> tuple[Instruction, ...]:
    r"""Return the paragraphs of a text, parted by empty lines.

    Args:
        text: plain text with formulas between dollar signs; `\$` is a dollar sign.
        path: where it is written, for messages.
        written: the file.

    Raises:
        ProblemError: a formula cannot be read, or a dollar sign has no partner.
    """
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return tuple(_paragraph(part, path, written) for part in paragraphs if part)


def _paragraph(text: str, path: Path, written: Written) -> Instruction:
    protected = text.replace(r"\$", "\0")
    if protected.count("$") % 2:
        raise written.error(
            path,
            "a dollar sign without a partner",
            given=text,
            expected=r"formulas as in $w_5$; \$ for the sign itself",
        )
    found: list[str | Term] = []
    for index, part in enumerate(_PARTS.split(protected)):
        if index % 2:
            for number, member in enumerate(_EQUALS.split(part)):
                found += [" = "] if number else []
                found.append(_formula(member, path, written))
        elif part:
            found.append(part.replace("\0", "$"))
    return tuple(found)


def _formula(text: str, path: Path, written: Written) -> Term:
    try:
        return _term(parse_expression(text.replace("\\", "").strip()))
    except ExpressionError as error:
        raise written.error(
            path,
            f"a formula cannot be read: {error.message} (column {error.column})",
            given=text.strip(),
            expected="an expression such as y_1 or 1/(1 + exp(-z))",
        ) from None


def _term(node: Expression) -> Term:
    match node:
        case Literal(text=text):
            return Number(text)
        case Reference(name=name):
            return Symbol(_name(name, node.column))
        case Operator(symbol="-", operands=(operand,)):
            return Negation(_term(operand))
        case Operator(symbol="/", operands=(over, under)):
            return Fraction(_term(over), _term(under), inline=True)
        case Operator(symbol="^", operands=(base, exponent)):
            return Power(_term(base), _term(exponent))
        case Operator(symbol="*", operands=(left, right)):
            return Product((_term(left), _term(right)))
        case Operator(symbol=("+" | "-") as sign, operands=(left, right)):
            first, second = _term(left), _term(right)
            terms = first.terms if isinstance(first, Sum) else (first,)
            return Sum((*terms, second if sign == "+" else Negation(second)))
        case Application(function=function, arguments=arguments):
            own = None if function in FUNCTIONS else _name(function, node.column)
            return Call(function, tuple(map(_term, arguments)), own)
        case Condition(relation=relation, left=left, right=right):
            return Comparison(_term(left), relation, _term(right))
    raise ExpressionError("vectors and matrices have no place in instructions", node.column)


def _name(text: str, column: int) -> Name:
    try:
        return Name.parse(text)
    except ValueError as error:
        raise ExpressionError(str(error), column) from None
