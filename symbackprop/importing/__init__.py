"""Problems from code: the network of a PyTorch or Keras model, with its numbers.

Neither library is imported here: the model that is handed in has brought its own.
"""

from .from_keras import from_keras, mapping_from_keras
from .from_torch import from_torch, mapping_from_torch
from .problem_file import write_problem

__all__ = ["from_keras", "from_torch", "mapping_from_keras", "mapping_from_torch", "write_problem"]
