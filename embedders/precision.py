"""In how many bits a network computes, and what is known of it by a fingerprint.

Vectors of one model made in float32 and in bfloat16 are kept apart: a fingerprint says which it is.
What is asked of them may be made in either, since it asks for the same weights.
"""

from enum import StrEnum


class Precision(StrEnum):
    """The numbers that a forward pass computes in; its weights and its vectors are float32."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


def precision_of(fingerprint: str) -> Precision:
    """Return the precision that vectors of this fingerprint were made in."""
    marked = fingerprint.startswith(f"{Precision.BFLOAT16}-")
    return Precision.BFLOAT16 if marked else Precision.FLOAT32


def weights_of(fingerprint: str) -> str:
    """Return the part of a fingerprint that is the same in every precision."""
    return fingerprint.removeprefix(f"{Precision.BFLOAT16}-")


def in_precision(fingerprint: str, precision: Precision) -> str:
    """Return the fingerprint of the same in another precision; float32 needs no mark."""
    weights = weights_of(fingerprint)
    return weights if precision == Precision.FLOAT32 else f"{precision}-{weights}"
