"""Numbers: certified balls and exact rationals, their evaluation and their rounding."""
