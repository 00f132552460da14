"""Ways to recognise works, and strengths of perturbations, in words."""

from evaluation.photo_queries import IDENTIFY
from evaluation.strengths import GradedPerturbation, Unit
from ui.wording.models import model_title

_SHOWN: dict[Unit, str] = {
    "degrees": "{:g}°",
    "pixels": "{:g} px",
    "share": "{:.0%}",
    "levels": "{:g}",
    "quality": "{:g}",
}


def method_title(method: str) -> str:
    """Return what a person calls a way to recognise works."""
    if method == IDENTIFY:
        return "identify: looked for and verified"
    return f"nearest alone: {model_title(method)}"


def strength_label(graded: GradedPerturbation, strength: float) -> str:
    """Return a strength as people read it."""
    return "none" if strength == graded.none else _SHOWN[graded.unit].format(strength)
