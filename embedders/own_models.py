"""Models that a collection has made for itself: described in a folder of its own.

``<folder>/<name>/model.json`` describes one; a fine-tuned model has its ``weights.safetensors``
beside it. A folder can be copied to another machine as it is.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from embedders.atomic_file import atomic_file
from embedders.preparation import Preparation
from embedders.registry import BUILT_IN, Derivation, DerivedDescription, ModelDescription
from embedders.weights.own_file import OwnFile
from errors import VasariError

_AS_IT_IS = ("name", "title", "dimension", "licence", "network", "parent")
"""What of a description is written without a change."""

DESCRIPTION: Final = "model.json"
WEIGHTS: Final = "weights.safetensors"


class InvalidOwnModel(VasariError):
    """A model that a collection cannot have, or whose folder is damaged; the message says why."""


@dataclass(frozen=True, kw_only=True)
class OwnModel:
    """A model of the collection's own.

    Args:
        about: how it was made, for people and reports.
        folder: where its description, its weights and its report lie.
    """

    description: ModelDescription
    about: Mapping[str, Any]
    folder: Path

    @property
    def made_from(self) -> str:
        """The model that it was made from."""
        if isinstance(self.description, DerivedDescription):
            return self.description.derivation.model
        return self.description.parent or ""


def weights_path(models_dir: Path, name: str) -> Path:
    """Return where the weights of a fine-tuned model lie."""
    return models_dir / name / WEIGHTS


def fine_tuned(
    models_dir: Path,
    parent: ModelDescription,
    *,
    name: str,
    title: str,
    network: str,
    dimension: int,
) -> ModelDescription:
    """Describe a model that was fine-tuned from another one and sees pictures as that one does."""
    return ModelDescription(
        name=name,
        title=title,
        dimension=dimension,
        preparation=parent.preparation,
        licence=f"fine-tuned here from {parent.name} ({parent.licence})",
        network=network,
        providers=(OwnFile(weights_path(models_dir, name), network),),
        parent=parent.name,
    )


def save_own_model(
    models_dir: Path,
    description: ModelDescription,
    *,
    about: Mapping[str, Any],
    share: Callable[[str, Path], None] = lambda _name, _description: None,
) -> OwnModel:
    """Keep the description of a model, in place of a former one of its name.

    What it needs, such as weights, must be there before: with its description a model exists.

    Args:
        share: is given name and description before these count here.

    Raises:
        InvalidOwnModel: the name is that of a model that comes with Vasari.
    """
    require_own_name(description.name)
    folder = models_dir / description.name
    stored = _Stored.of(description, dict(about))
    with atomic_file(folder / DESCRIPTION) as unfinished:
        unfinished.write_text(stored.model_dump_json(indent=2) + "\n", "utf-8")
        share(description.name, unfinished)
    return OwnModel(description=description, about=about, folder=folder)


def require_own_name(name: str) -> None:
    """Make sure that a collection may give a model of its own this name.

    Raises:
        InvalidOwnModel: it is that of a model that comes with Vasari.
    """
    if name in BUILT_IN:
        raise InvalidOwnModel(f"{name} is a model that comes with Vasari: choose another name")


def read_own_models(models_dir: Path) -> tuple[list[OwnModel], dict[str, str]]:
    """Return a collection's own models by name, and those that cannot be used, with the reason."""
    models: list[OwnModel] = []
    broken: dict[str, str] = {}
    for path in sorted(models_dir.glob(f"*/{DESCRIPTION}")):
        try:
            models.append(_read(path))
        except InvalidOwnModel as error:
            broken[path.parent.name] = str(error)
    return models, broken


def delete_own_model(models_dir: Path, name: str) -> None:
    """Delete a model's folder; the description first, so that a kill leaves no half of a model."""
    (models_dir / name / DESCRIPTION).unlink(missing_ok=True)
    shutil.rmtree(models_dir / name, ignore_errors=True)


def _read(path: Path) -> OwnModel:
    folder = path.parent
    try:
        stored = _Stored.model_validate_json(path.read_bytes())
        description = stored.description(folder)
    except (OSError, ValueError, ValidationError) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidOwnModel(f"{path} does not describe a model: {reason}") from error
    if description.name != folder.name:
        raise InvalidOwnModel(f"{path} describes {description.name}: the folder must bear its name")
    require_own_name(description.name)
    return OwnModel(description=description, about=stored.about, folder=folder)


class _Stored(BaseModel):
    """A description as it is written."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    name: str
    title: str
    dimension: int
    size: int
    interpolation: str
    licence: str
    network: str
    parent: str | None = None
    derivation: dict[str, Any] | None = None
    about: dict[str, Any]

    @classmethod
    def of(cls, description: ModelDescription, about: dict[str, Any]) -> "_Stored":
        derivation = (
            asdict(description.derivation) if isinstance(description, DerivedDescription) else None
        )
        return cls(
            **{name: getattr(description, name) for name in _AS_IT_IS},
            size=description.preparation.size,
            interpolation=description.preparation.interpolation,
            derivation=derivation,
            about=json.loads(json.dumps(about)),
        )

    def description(self, folder: Path) -> ModelDescription:
        """Return the description; raises ValueError or TypeError where it is not one."""
        common: dict[str, Any] = {name: getattr(self, name) for name in _AS_IT_IS}
        common["preparation"] = Preparation(self.size, self.interpolation)
        if self.derivation is None:
            return ModelDescription(**common, providers=(OwnFile(folder / WEIGHTS, self.network),))
        try:
            derivation = Derivation(**self.derivation)
        except TypeError as error:
            raise ValueError(f"its derivation is none: {error}") from error
        return DerivedDescription(**common, derivation=derivation)
