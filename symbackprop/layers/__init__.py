"""Networks of any shape: each type of layer is a form with fields that lays operations on named units."""

from __future__ import annotations

from collections.abc import Mapping

from .assembly import Assembly, Numbers, Units
from .attention import AttentionLayer
from .batch_norm import BatchNormLayer
from .combining import AddLayer, ConcatLayer, MultiplyLayer, ResidualLayer, ScaleLayer
from .convolution import Conv1dLayer, Conv2dLayer
from .dense import ActivationLayer, DenseLayer, FlattenLayer, ReshapeLayer
from .dropout import DropoutLayer
from .embedding import EmbeddingLayer
from .gated import GruLayer, LstmLayer
from .layer import Fault, NumberArray, TypedLayer
from .layer_norm import LayerNormLayer, RmsNormLayer
from .pooling import AvgPoolLayer, GlobalAvgPoolLayer, MaxPoolLayer
from .positional import PositionalEncodingLayer
from .recurrent import RnnLayer
from .time_distributed import TimeDistributedLayer

#: The types of layer, by the name that `type:` takes.
LAYER_TYPES: Mapping[str, type[TypedLayer]] = {
    "dense": DenseLayer,
    "activation": ActivationLayer,
    "conv1d": Conv1dLayer,
    "conv2d": Conv2dLayer,
    "max_pool": MaxPoolLayer,
    "avg_pool": AvgPoolLayer,
    "global_avg_pool": GlobalAvgPoolLayer,
    "batch_norm": BatchNormLayer,
    "layer_norm": LayerNormLayer,
    "rms_norm": RmsNormLayer,
    "dropout": DropoutLayer,
    "embedding": EmbeddingLayer,
    "residual": ResidualLayer,
    "add": AddLayer,
    "multiply": MultiplyLayer,
    "concat": ConcatLayer,
    "scale": ScaleLayer,
    "flatten": FlattenLayer,
    "rnn": RnnLayer,
    "lstm": LstmLayer,
    "gru": GruLayer,
    "time_distributed": TimeDistributedLayer,
    "attention": AttentionLayer,
    "positional_encoding": PositionalEncodingLayer,
    "reshape": ReshapeLayer,
}

#: What a layer of one's own derives from, in the words of the package's face.
Layer = TypedLayer

__all__ = ["LAYER_TYPES", "Assembly", "Fault", "Layer", "NumberArray", "Numbers", "TypedLayer", "Units"]
