"""Pictures: networks, computation graphs and curves, placed so that nothing overlaps."""
