"""A picture or a text in, unit vectors out.

The room's public face. Importing it is cheap: torch and the networks are imported when the first
of them is loaded.
"""

from embedders.derived import DerivedEmbedder
from embedders.embedder import Embedder, FeatureMapNotSupported, TextNotSupported
from embedders.image_limits import DEFAULT_LIMITS, ImageLimits
from embedders.images import DecodedPicture, ImageInput, decode_image, decoded, read_image_file
from embedders.lazy import open_embedder
from embedders.loading import ModelStatus, load_embedder, model_status
from embedders.own_models import (
    InvalidOwnModel,
    OwnModel,
    delete_own_model,
    fine_tuned,
    read_own_models,
    require_own_name,
    save_own_model,
    weights_path,
)
from embedders.preparation import Preparation
from embedders.registry import (
    BUILT_IN,
    DerivedDescription,
    ModelDescription,
    ModelRegistry,
    UnknownModel,
)
from embedders.unreadable import UnreadableImage
from embedders.weights.obtain import WeightsUnavailable

__all__ = [
    "BUILT_IN",
    "DEFAULT_LIMITS",
    "DecodedPicture",
    "DerivedDescription",
    "DerivedEmbedder",
    "Embedder",
    "FeatureMapNotSupported",
    "ImageInput",
    "ImageLimits",
    "InvalidOwnModel",
    "ModelDescription",
    "ModelRegistry",
    "ModelStatus",
    "OwnModel",
    "Preparation",
    "TextNotSupported",
    "UnknownModel",
    "UnreadableImage",
    "WeightsUnavailable",
    "decode_image",
    "decoded",
    "delete_own_model",
    "fine_tuned",
    "load_embedder",
    "model_status",
    "open_embedder",
    "read_image_file",
    "read_own_models",
    "require_own_name",
    "save_own_model",
    "weights_path",
]
