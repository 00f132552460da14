"""Projections fitted to labels: how one becomes a vector of the collection.

From then on an ingest projects new works with it, and it is searched like any other; only
a fit of its own changes it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from catalog.database import Database
from catalog.locks import AdvisoryLock, advisory_lock
from catalog.projections import load_projection
from embedders import (
    DerivedDescription,
    InvalidOwnModel,
    ModelDescription,
    read_own_models,
    require_own_name,
    save_own_model,
)
from embedders.fingerprint import derived_fingerprint
from embedders.projection import Projection, turned_towards
from embedders.registry import JOINT, Derivation
from search.background import refresh_backgrounds
from search.index.contract import GenerationalIndex, Index, VectorSpec
from search.projections import FittedProjection, keep, project, source_fingerprint


def describe_supervised_projection(
    name: str,
    *,
    base: ModelDescription,
    features: tuple[str, ...],
    label: str,
    recipe: str,
    dimension: int,
) -> DerivedDescription:
    """Describe a projection of what a model gives, fitted to labels.

    Raises:
        InvalidOwnModel: the name cannot be given to a model of the collection's own.
    """
    require_own_name(name)
    try:
        return DerivedDescription(
            name=name,
            title=f"{base.title}, fitted to {label}",
            dimension=dimension,
            preparation=base.preparation,
            licence=f"as {base.name}",
            network=base.network,
            derivation=Derivation(
                base.name, JOINT.join(features), recipe, f"the same {label}", label
            ),
        )
    except ValueError as error:
        raise InvalidOwnModel(str(error)) from error


def require_free_name(
    index: Index, models_dir: Path, name: str, *, features: tuple[str, ...], label: str, recipe: str
) -> None:
    """Make sure that a name is free, or that of a projection that can be fitted anew.

    Raises:
        InvalidOwnModel: it is that of another model, or of a vector of the index.
    """
    require_own_name(name)
    own, broken = read_own_models(models_dir)
    taken = next((item.description for item in own if item.description.name == name), None)
    if isinstance(taken, DerivedDescription):
        made = taken.derivation
        if (made.features, made.label, made.recipe) == (features, label, recipe):
            return
    if taken is not None or name in broken or name in index.specs:
        is_own = taken is not None or name in broken
        or_delete = f", or delete it with `vasari models delete {name}`" if is_own else ""
        raise InvalidOwnModel(
            f"there is a {name} already, made in another way: choose another --name{or_delete}"
        )


def add_supervised_projection(
    database: Database,
    index: GenerationalIndex,
    models_dir: Path,
    description: DerivedDescription,
    projection: Projection,
    *,
    about: Mapping[str, Any],
    share: Callable[[str, Path], None] = lambda _name, _description: None,
) -> None:
    """Keep a supervised projection, and write the vectors of all works, while searches go on.

    One of the same name that was fitted in the same way is replaced. Killed in between, the same
    call does it again.

    Raises:
        InvalidOwnModel: the name is that of a model that was made in another way, or tells apart
            another number of classes.
    """
    with advisory_lock(database, AdvisoryLock.INDEX):
        index.refresh()
        spec = VectorSpec(
            model=description.name,
            dimension=description.dimension,
            fingerprint=derived_fingerprint(
                description, index.specs[description.derivation.model].fingerprint
            ),
            role="derived",
        )
        held = index.specs.get(spec.model)
        if held is not None and not held.takes(spec):
            raise InvalidOwnModel(
                f"the {spec.model} vectors that are there tell other classes apart, or come from "
                f"other weights: delete them with `vasari models delete {spec.model}` first, or "
                "choose another --name"
            )
        # First, because vectors stored under an unregistered name could not be deleted.
        save_own_model(models_dir, description, about=about, share=share)
        index.ensure([spec])
    with (
        advisory_lock(database, AdvisoryLock.COLLECTION),
        advisory_lock(database, AdvisoryLock.INDEX, shared=True),
    ):
        works = list(index.ids())
        fingerprint = source_fingerprint(index.specs, description)
        with database.transaction() as session:
            former = load_projection(session, description.name)
        if former is not None and former.fingerprint == fingerprint:
            projection = turned_towards(
                projection, Projection(former.mean, former.matrix, former.works)
            )
        fitted = FittedProjection(
            model=description.name,
            feature=description.derivation.feature,
            fingerprint=fingerprint,
            collection=len(works),
            projection=projection,
        )
        project(index, [fitted], works)
        keep(database, [fitted])
        index.optimize()
        refresh_backgrounds(database, index, anew=[description.name])
