"""Ways to recognise works, and strengths of perturbations, in words."""

from embedders import BUILT_IN
from evaluation.photo_queries import IDENTIFY
from evaluation.strengths import GradedPerturbation, Unit

_SHOWN: dict[Unit, str] = {
    "degrees": "{:g}°",
    "pixels": "{:g} px",
    "share": "{:.0%}",
    "levels": "{:g}",
    "quality": "{:g}",
}


def method_title(method: str) -> str:
    """Return what a person calls a way to recognise works; a collection's own model by its name."""
    if method == IDENTIFY:
        return "identify: looked for and verified"
    return f"nearest alone: {BUILT_IN.title_of(method)}"


def strength_label(graded: GradedPerturbation, strength: float) -> str:
    """Return a strength as people read it."""
    return "none" if strength == graded.none else _SHOWN[graded.unit].format(strength)
