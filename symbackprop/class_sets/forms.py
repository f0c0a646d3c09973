"""The papers of a class by the embedded engine: typeset once as forms, and filled in for each student."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from ..document.blocks import Stamp
from ..document.marks import NoForm, Shape
from ..document.worksheet.composing import Composer, Solved
from ..document.worksheet.forming import CODE, KNOWN, OWNER, SYMBOL, Former, PaperForm, answer_name
from ..document.worksheet.head import known_rooms
from ..errors import RenderError
from ..filling import Form, Patches, Run, read_form, read_patches, read_tex_form, run_of, symbol_patch
from ..formulas.terms import Number
from ..render.environment import environment, read_templates
from ..render.speech import speak
from ..render.stamps import SYMBOL_SIDE
from ..render.typst import render_patches, render_typst
from ..render.typst.source import Typst
from ..variants import Variation, VariationError
from .records import Record, Whose

#: So many draws show how wide the numbers get.
SAMPLES = 100

#: All characters that values need, in type that goes with TeX's.
LETTERS = """#set document(title: "letters")
#set text(font: "New Computer Modern", fallback: false)
0123456789.,\N{MINUS SIGN}\N{MULTIPLICATION SIGN}\N{MIDDLE DOT}\N{ASTERISK OPERATOR}to"""

#: The sign between a number and a power of ten, by the notation of the sheet.
SIGNS = {"times": "\N{MULTIPLICATION SIGN}", "dot": "\N{MIDDLE DOT}", "star": "\N{ASTERISK OPERATOR}"}


class PaperForms:
    """The forms of a sheet, each made when it is first wanted.

    Args:
        composer: of the sheet.
        solved: its problems as their author wrote them.
        variations: of its problems.
        engine: typst or pdflatex.
        templates: a user's folder of templates.
    """

    def __init__(
        self,
        composer: Composer,
        solved: Sequence[Solved],
        variations: Sequence[Variation],
        engine: str,
        templates: Path | None,
    ) -> None:
        """Make no form yet."""
        self._composer, self._solved, self._variations = composer, solved, variations
        self._engine, self._templates = engine, templates
        self._forms: dict[str, Form | None] = {}

    @contextmanager
    def made_beside(self, papers: Sequence[str], known: int) -> Iterator[Callable[[], None]]:
        """Make the forms of papers, each in a process of its own; yield a function that waits for them.

        Afterwards this process may be forked, and the forms are there for whoever it is forked into.

        known: of how many lines of the head something is known.
        """
        global _making
        _making = self
        if self._former is None:
            yield lambda: None
            return
        pool = ProcessPoolExecutor(len(papers), get_context("fork"), initializer=_ignore_interrupts)
        made = {paper: pool.submit(_made_beside, paper, known) for paper in papers}
        # what is done here until the last one is there has a processor of its own
        wait(made.values(), return_when=FIRST_COMPLETED)

        def take() -> None:
            pool.shutdown()
            for paper, future in made.items():
                # whoever needs a form that failed meets the error, and names the paper
                if future.exception() is None:
                    self._forms[paper] = future.result()

        try:
            yield take
        finally:
            pool.shutdown(cancel_futures=True)

    def filled(
        self, papers: Sequence[str], whose: Whose, solved: Sequence[Solved], record: Record
    ) -> tuple[dict[str, bytes], bool]:
        """Return the PDFs of a student's papers that can be filled in, and whether the name is on them.

        Args:
            papers: sheet, key, brief.
            whose: the student's.
            solved: the problems with the student's numbers.
            record: of the student's paper.

        Raises:
            RenderError: the engine or a template fails.
        """
        forms = {paper: form for paper in papers if (form := self._form(paper, whose)) is not None}
        if not forms or self._former is None:
            return {}, True
        try:
            values = self._values(solved, record if "key" in forms else None)
            patches, named = self._patches(whose)
            return {paper: form.filled(values, patches) for paper, form in forms.items()}, named
        except NoForm:
            return {}, True

    @cached_property
    def _former(self) -> Former | None:
        try:
            shapes = [_shapes(variation) for variation in self._variations]
            return Former(self._composer, self._solved, shapes)
        except (NoForm, VariationError):
            return None

    def _form(self, paper: str, whose: Whose) -> Form | None:
        if paper not in self._forms:
            self._forms[paper] = self._made(paper, len(whose.known))
        return self._forms[paper]

    def fills(self, papers: Sequence[str]) -> bool:
        """Whether papers are filled in, as far as can be told without making their forms."""
        shown = "key" in papers and self._composer.shows_numbers(key=True)
        return self._former is not None and not shown

    def _made(self, paper: str, known: int) -> Form | None:
        makers = {"sheet": Former.sheet, "key": Former.key}
        if self._former is None or paper not in makers:
            return None
        try:
            return FORMS[self._engine](makers[paper](self._former, known), self._templates)
        except NoForm:
            return None

    def _values(self, solved: Sequence[Solved], record: Record | None) -> dict[str, Run]:
        """Return the values of all places by name; record: with those of the table of answers."""
        assert self._former is not None
        style = self._composer.style

        def run(number: Number, says: str = "") -> Run:
            return run_of(number, style.decimal, says)

        values = {name: run(number, speak(number, style)) for name, number in self._former.values(solved)}
        for answer in record.answers if record is not None else ():
            several = answer.high != answer.low
            parts: Mapping[str, Run] = {
                "shown": run(Number.parse(answer.shown)),
                "low": run(Number.parse(answer.low)),
                "to": Run("to" if several else ""),
                "high": run(Number.parse(answer.high)) if several else Run(""),
                "other": run(Number.parse(answer.otherwise)) if answer.otherwise != answer.shown else Run(""),
            }
            values.update((answer_name(answer.number, part), value) for part, value in parts.items())  # type: ignore[arg-type]
        return values

    def _patches(self, whose: Whose) -> tuple[Patches, bool]:
        """Return what is painted on a student's papers, and whether the name is: if a font shows it."""
        try:
            return self._painted(whose), True
        except RenderError as error:
            if "no font shows" not in str(error):
                raise
        stamp = replace(whose.stamp, text=whose.stamp.number)
        return self._painted(Whose(stamp, ("", *whose.known[1:]))), False

    def _painted(self, whose: Whose) -> Patches:
        from ..engines.typst import compile_typst

        composer = self._composer
        rooms = known_rooms(composer.worksheet.head, composer.room)
        known = {
            f"{KNOWN}{place}": (text, room)
            for place, (text, room) in enumerate(zip(whose.known, rooms, strict=False), start=1)
            if text
        }
        source = render_patches(
            whose.stamp, list(known.values()), composer.room, composer.size, templates=self._templates
        )
        # without a standard a letter that no font shows would be a box and no error
        pdf = compile_typst(source, standard="a-2b", tags=False)
        patches = read_patches(pdf, [OWNER, CODE, *known])
        return replace(
            patches,
            pages={**patches.pages, SYMBOL: symbol_patch(whose.stamp.modules, SYMBOL_SIDE * 72 / 25.4)},
        )


@lru_cache(maxsize=4)
def read_ahead(engine: str, templates: Path | None) -> None:
    """Import and read what every process that is started later would import and read by itself."""
    for module in ("segno.encoder", "typst"):
        import_module(module)
    if engine in FORMS:
        read_templates(environment("typst", templates, source_type=Typst))


def _form_by_typst(made: PaperForm, templates: Path | None) -> Form:
    from ..engines.typst import compile_typst

    pdf = compile_typst(render_typst(made.document, templates=templates))
    sign = SIGNS[made.document.style.number_sign]
    return read_form(pdf, made.places, said=made.said, spots=made.spots, sign=sign)


def _form_by_pdflatex(made: PaperForm, templates: Path | None) -> Form:
    from ..engines.tex import compile_tex
    from ..engines.typst import compile_typst
    from ..render.latex.form import render_latex_form

    marks = {name: mark for mark, name in made.spots.items()}
    stamp = Stamp(marks[OWNER], marks[CODE], modules=((True,),))
    source = render_latex_form(
        replace(made.document, stamp=stamp), [*made.places, *made.spots], marks[SYMBOL], templates=templates
    )
    pdf = compile_tex(source, "pdflatex")
    letters = compile_typst(LETTERS, standard=None, tags=False)
    sign = SIGNS[made.document.style.number_sign]
    return read_tex_form(pdf, made.places, spots=made.spots, letters=letters, sign=sign)


#: How the engines make forms.
FORMS: Mapping[str, Callable[[PaperForm, Path | None], Form]] = {
    "typst": _form_by_typst,
    "pdflatex": _form_by_pdflatex,
}

_making: PaperForms


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _made_beside(paper: str, known: int) -> Form | None:
    return _making._made(paper, known)


def _shapes(variation: Variation) -> dict[str, Shape]:
    """Return how much room the numbers of a problem's variants take."""
    shapes: dict[str, Shape] = {}
    for numbers in variation.samples(SAMPLES):
        for key, number in numbers.items():
            shape = Shape.of(number)
            shapes[key] = shapes[key] | shape if key in shapes else shape
    return shapes
