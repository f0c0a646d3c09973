"""Plain Unicode text of formulas and of whole documents: for terminals, `repr` and notebooks."""

from .document import plain_line, render_plain
from .math import plain_math, plain_name

__all__ = ["plain_line", "plain_math", "plain_name", "render_plain"]
