"""Taking a model of the collection's own away, with all that was made by it."""

from catalog.batching import batched
from catalog.database import Database
from catalog.generations import forget_models
from catalog.locks import AdvisoryLock, advisory_lock
from embedders import ModelRegistry, read_own_models, require_own_name
from errors import VasariError
from maintenance.shared_models import SharedModels
from search.index.contract import GenerationalIndex, IndexFault, IndexPoint

POINTS_AT_ONCE = 200


class NoOwnModel(VasariError):
    """The collection has no model of this name of its own; the message lists those that it has."""


def remove_model(
    database: Database, index: GenerationalIndex, models: SharedModels, name: str
) -> list[str]:
    """Delete an own model: its vectors and those derived of it, what the catalog says of it, and
    its folder, on all machines that share it.

    Searches go on meanwhile, against the index as it was. Killed in between, the same call
    continues. A model that is being added at the same time (``vasari reembed``) has to begin again.

    Returns:
        The vectors that are gone from the index.

    Raises:
        InvalidOwnModel: the model comes with Vasari.
        NoOwnModel: there is none of this name.
        IndexFault: the index would be left without any vector.
        PlaceRefused: others cannot be told; the same call continues.
    """
    require_own_name(name)
    own, broken = read_own_models(models.folder)
    known = sorted({model.description.name for model in own} | broken.keys())
    if name not in known:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise NoOwnModel(f"this collection has no model {name!r} of its own: {has}")
    registry = ModelRegistry(model.description for model in own)
    gone = [name, *(item.name for item in registry.derived_models(name))]
    with advisory_lock(database, AdvisoryLock.INDEX):
        index.refresh()
        removed = [model for model in gone if model in index.specs]
        if removed:
            _write_without(index, removed)
        with database.transaction() as session:
            forget_models(session, gone)
    models.delete(name)
    return removed


def _write_without(index: GenerationalIndex, models: list[str]) -> None:
    """Put a generation without these vectors in the place of the one in use, which is deleted."""
    kept = [spec for name, spec in index.specs.items() if name not in models]
    if not any(spec.role == "model" for spec in kept):
        raise IndexFault(
            f"{models[0]} is the only model of this index: add another one first, "
            "with `vasari reembed --model`"
        )
    begun = index.next_generation(kept)
    for page in batched(index.points(with_vectors=True), POINTS_AT_ONCE):
        begun.upsert(
            [
                IndexPoint(
                    id=point.id,
                    vectors={m: v for m, v in point.vectors.items() if m not in models},
                    payload=point.payload,
                )
                for point in page
            ]
        )
    begun.optimize()
    begun.close()
    index.switch()
    index.discard_former()
