"""The record of one student's paper: numbers, answers, check code. The marking goes by it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..document.blocks import Stamp
from ..document.worksheet.answers import Answer
from ..document.worksheet.composing import Solved
from ..errors import SymbackpropError
from ..formulas.terms import Number
from ..marking.accepting import accepted_interval
from ..roster import Student
from ..variants import Variant


@dataclass(frozen=True)
class Whose:
    """Whose papers these are: what every page says, and what is known of the lines of the head."""

    stamp: Stamp
    known: tuple[str, ...]


@dataclass(frozen=True)
class RecordedAnswer:
    """What belongs into one numbered box.

    value: to 17 certified digits. shown: as the key prints it. low, high: between which numbers an answer is
    accepted. otherwise: what comes out under the other way to carry. choices: the results to choose from, A
    first, where it is a choice.
    """

    number: int
    task: int
    key: str
    points: Fraction
    value: str
    shown: str
    low: str
    high: str
    otherwise: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """One student's paper.

    numbers: those that were drawn for each problem, by key. attempts, rejected: how many draws it took, and
    why others were rejected. nameless: a free line stands for the name, which no font could show.
    """

    id: str
    name: str
    code: str
    numbers: tuple[Mapping[str, str], ...]
    answers: tuple[RecordedAnswer, ...]
    attempts: int
    rejected: Mapping[str, int]
    nameless: bool = False


def record_of(
    student: Student,
    code: str,
    variants: Sequence[Variant],
    answers: Sequence[Answer],
    solved: Sequence[Solved],
) -> Record:
    """Return the record of a student's paper."""
    rejected: dict[str, int] = {}
    for one in variants:
        for reason, count in one.rejected.items():
            rejected[reason] = rejected.get(reason, 0) + count
    return Record(
        student.id,
        student.name,
        code,
        tuple({key: str(number) for key, number in sorted(one.numbers.items())} for one in variants),
        tuple(_recorded(answer, solved[answer.task - 1]) for answer in answers),
        sum(one.attempts for one in variants),
        dict(sorted(rejected.items())),
    )


def _recorded(answer: Answer, solved: Solved) -> RecordedAnswer:
    ledger = solved.ledger
    interval, shown = accepted_interval(ledger, answer.key), ledger.shown(answer.key)
    return RecordedAnswer(
        answer.number,
        answer.task,
        answer.key,
        answer.points,
        ledger.significant(answer.key),
        str(shown),
        str(interval.low),
        str(interval.high),
        str(solved.otherwise.get(answer.key, shown)),
        tuple(str(one.number) for one in solved.choose(answer.key))
        if answer.choice and solved.choose
        else (),
    )


def record_text(record: Record) -> str:
    """Return a record as JSON, the same text for the same record."""
    answers = [{**_plain(answer), "points": str(answer.points)} for answer in record.answers]
    data = {
        "id": record.id,
        "name": record.name,
        "code": record.code,
        "numbers": list(record.numbers),
        "answers": [],
        "draws": record.attempts,
        "rejected": record.rejected,
        **({"nameless": True} if record.nameless else {}),
    }
    # a line for each answer; indented, it takes the json module ten times as long
    lines = ",\n".join(f"  {json.dumps(answer, ensure_ascii=False)}" for answer in answers)
    text = ",\n".join(
        f" {json.dumps(name)}: "
        + (f"[\n{lines}\n ]" if name == "answers" else json.dumps(value, ensure_ascii=False))
        for name, value in data.items()
    )
    return f"{{\n{text}\n}}\n"


def _plain(answer: RecordedAnswer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in RecordedAnswer.__dataclass_fields__}


def read_record(text: str | bytes, file: str) -> Record:
    """Return a record from its JSON text.

    Raises:
        SymbackpropError: the text is no record.
    """
    try:
        data = json.loads(text)
        return Record(
            str(data["id"]),
            str(data["name"]),
            str(data["code"]),
            tuple({str(key): str(number) for key, number in one.items()} for one in data["numbers"]),
            tuple(
                RecordedAnswer(
                    **{
                        **answer,
                        "points": Fraction(answer["points"]),
                        "choices": tuple(answer.get("choices", ())),
                    }
                )
                for answer in data["answers"]
            ),
            int(data["draws"]),
            {str(reason): int(count) for reason, count in data["rejected"].items()},
            bool(data.get("nameless", False)),
        )
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError):
        raise SymbackpropError(
            f"{file}: this is no record of a class set, or it was changed; remove it and run "
            "`symbackprop class` again"
        ) from None


def drawn_numbers(record: Record, task: int) -> dict[str, Number]:
    """Return the numbers that were drawn for a problem of the sheet, counted from 0."""
    return {key: Number.parse(text) for key, text in record.numbers[task].items()}
