"""The derivation: sweeps over the graph, forms, updates, and the ledger of formulas and values."""
