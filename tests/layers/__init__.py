"""Layers of every type against PyTorch, and the texts of their errors."""
