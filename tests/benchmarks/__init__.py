"""How quick symbackprop is: `python -m tests.benchmarks` prints every measurement beside its target."""
