"""Papers that are set once and filled in for every student: numbers and names put into a finished PDF.

The papers of a class that have the same structure differ in numbers that stand in boxes, tables and labels of
fixed places. So one of them is typeset, with marks in the place of the numbers, and read as a `Form`; the
paper of a student is that form with the marks replaced by the student's numbers, in the glyphs of the same
fonts. What a form cannot hold is refused (`document.marks.NoForm`), and such a paper is typeset by itself.
"""

from .form import Form, read_form
from .patches import Patches, read_patches, symbol_patch
from .runs import Run, run_of
from .tex_form import read_tex_form

__all__ = ["Form", "Patches", "Run", "read_form", "read_patches", "read_tex_form", "run_of", "symbol_patch"]
