"""The sections of dense networks, in every scalar form and in tables."""
