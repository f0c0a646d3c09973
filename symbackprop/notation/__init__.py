"""Notation: presets, the names of quantities, and the printed term of every key."""
