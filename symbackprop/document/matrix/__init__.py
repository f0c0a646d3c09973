"""The matrix form: layers as vectors and matrices."""
