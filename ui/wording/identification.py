"""Ways to recognise works, and strengths of perturbations, in words."""

from embedders import BUILT_IN
from evaluation.photo_queries import IDENTIFY
from evaluation.strengths import GradedPerturbation, Unit
from search.identification.shortcomings import Shortcoming

SHOWS_TOO_LITTLE = "Your photo shows too little to tell."
_ADVICE: dict[Shortcoming, str] = {
    "few details": "It is blurred or shows few details: go closer, hold still, and let the camera "
    "focus.",
    "too dark": "It is too dark: take it again with more light.",
    "too grainy": "It is too grainy: take it again with more light, and go closer.",
}

_SHOWN: dict[Unit, str] = {
    "degrees": "{:g}°",
    "pixels": "{:g} px",
    "share": "{:.0%}",
    "levels": "{:g}",
    "quality": "{:g}",
}


def how_to_photograph(shortcoming: Shortcoming) -> str:
    """Return what a photo lacks and how to take a better one, in a sentence."""
    return _ADVICE[shortcoming]


def method_title(method: str) -> str:
    """Return what a person calls a way to recognise works; a collection's own model by its name."""
    if method == IDENTIFY:
        return "identify: looked for and verified"
    return f"nearest alone: {BUILT_IN.title_of(method)}"


def strength_label(graded: GradedPerturbation, strength: float) -> str:
    """Return a strength as people read it."""
    return "none" if strength == graded.none else _SHOWN[graded.unit].format(strength)
