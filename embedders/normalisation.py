"""The scale on which a network's weights expect pixels."""

from dataclasses import dataclass

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Normalisation:
    """Mean and standard deviation of red, green and blue, on a scale where white is 1.

    It belongs to the weights, not to the network: the same ResNet50 trained elsewhere expects
    other numbers. A pixel p of 0..255 becomes (p / 255 - mean) / std.
    """

    mean: Channels
    std: Channels

    def __post_init__(self) -> None:
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ValueError(f"not a normalisation of three channels: {self.mean}, {self.std}")


IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CENTRED = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# The means of Caffe's ImageNet models on a scale of 255, with nothing divided.
CAFFE = Normalisation((123.68 / 255, 116.779 / 255, 103.939 / 255), (1 / 255, 1 / 255, 1 / 255))
CLIP = Normalisation((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
