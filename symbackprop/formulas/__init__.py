"""Formulas: the display algebra, names, brackets, the expressions of authors, SymPy."""
