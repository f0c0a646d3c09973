"""What is written: YAML, JSON and Python data, with the line of every field; numbers digit for digit."""
