"""What SymPy and exact arithmetic prove about values that no precision decides."""
