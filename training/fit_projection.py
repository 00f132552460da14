"""The whole of a supervised projection: fitted to stored vectors, measured, added to the index."""

from dataclasses import dataclass
from time import perf_counter, process_time

from embedders import DerivedDescription, ModelDescription, ModelRegistry
from errors import VasariError
from evaluation.copies import SameWorks
from evaluation.labels import Label
from evaluation.retrieval import DEPTH
from evaluation.stored import read_stored
from search.index.contract import Index, embedding_models, unknown_vector
from training.collection import Collection
from training.documents import projection_document
from training.progress import Watch
from training.projection_transfer import (
    FOLDS,
    ProjectionQuality,
    cross_validate,
    fit,
    read_training_set,
)
from training.supervised_projections import (
    add_supervised_projection,
    describe_supervised_projection,
    require_free_name,
)
from training.transfer import after_of, before_of

MEASURE = f"precision_at_{DEPTH}"


class UnusableFeature(VasariError):
    """A projection cannot be made from this vector; the message says from which it can."""


@dataclass(frozen=True, kw_only=True)
class ProjectionSpec:
    """What a projection is to be.

    Args:
        label: whose classes it tells apart.
        recipe: one of :data:`training.discriminants.RECIPES`.
        name: of the new vector; ``None`` for LABEL_RECIPE.
        model: whose output is projected; ``None`` for the first of the settings in the index.
        features: the model, or further features of it, one behind the other; empty for all.
        folds: parts of the works that take turns in being held out.
        seed: of the folds and of the confidence intervals.
    """

    label: Label
    recipe: str = "lda"
    name: str | None = None
    model: str | None = None
    features: tuple[str, ...] = ()
    folds: int = FOLDS
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """A projection that was added to the index.

    Args:
        quality: measured on works that it was not fitted to.
        seconds_measuring, seconds_fitting: of the steps; ``seconds``, ``cpu_seconds``: of all
            after the measuring.
    """

    description: DerivedDescription
    quality: ProjectionQuality
    seconds_measuring: float
    seconds_fitting: float
    seconds: float
    cpu_seconds: float


def fit_projection(
    collection: Collection,
    spec: ProjectionSpec,
    *,
    same: SameWorks | None = None,
    watch: Watch | None = None,
) -> FittedModel:
    """Measure a projection on works held out, fit it to all works, and write their vectors.

    Raises:
        UnknownVector: the index does not hold the model.
        UnusableFeature: the model is itself derived, or does not give a feature.
        InvalidOwnModel: the name is taken, or cannot be a model's.
        NothingToEvaluate: there is too little to learn, or nothing to measure it by.
        Interrupted: it was asked to stop; nothing was changed.
    """
    watch = watch or Watch()
    base, name, features = _checked(collection, spec)
    watch.begin("Reading vectors", 1)
    vectors = list(dict.fromkeys([base.name, *features]))
    training_set = read_training_set(
        read_stored(collection.index, collection.database, vectors),
        label=spec.label,
        features=features,
        recipe=spec.recipe,
        same=same,
        seed=spec.seed,
    )
    watch.check()
    watch.begin("Measuring on works that were held out", 1)
    began = perf_counter()
    quality = cross_validate(training_set, plain=base.name, count=spec.folds)
    measured, cpu_measured = perf_counter(), process_time()
    watch.check()
    watch.begin("Fitting", 1)
    projection = fit(training_set)
    fitted = perf_counter()
    watch.check()
    watch.begin("Writing vectors", 1)
    description = describe_supervised_projection(
        name,
        base=base,
        features=features,
        label=str(spec.label),
        recipe=spec.recipe,
        dimension=projection.matrix.shape[1],
    )
    add_supervised_projection(
        collection.database,
        collection.index,
        collection.models_dir,
        description,
        projection,
        about={"summary": _summary(quality), **projection_document(name, quality)},
        share=collection.share_own_model,
    )
    collection.look_for_own_models()
    return FittedModel(
        description=description,
        quality=quality,
        seconds_measuring=measured - began,
        seconds_fitting=fitted - measured,
        seconds=perf_counter() - measured,
        cpu_seconds=process_time() - cpu_measured,
    )


def _checked(
    collection: Collection, spec: ProjectionSpec
) -> tuple[ModelDescription, str, tuple[str, ...]]:
    """Return the model, the new vector's name and the features, all of which can be had."""
    base = _base(collection, spec.model)
    features = _features(collection.index, collection.registry, base, spec.features)
    name = spec.name or f"{spec.label}_{spec.recipe}"
    require_free_name(
        collection.index,
        collection.models_dir,
        name,
        features=features,
        label=str(spec.label),
        recipe=spec.recipe,
    )
    return base, name, features


def _base(collection: Collection, model: str | None) -> ModelDescription:
    """Return the model that is asked for, or the first of the settings that the index holds."""
    specs = collection.index.specs
    held = embedding_models(specs)
    name = model or next((m for m in collection.settings.models if m in held), None)
    if name is None or name not in specs:
        raise unknown_vector(name or "any", specs)
    if name not in held:
        raise UnusableFeature(f"{name} is itself derived: name the model that sees the pictures")
    return collection.registry.describe(name)


def _features(
    index: Index, registry: ModelRegistry, base: ModelDescription, wanted: tuple[str, ...]
) -> tuple[str, ...]:
    given = [base.name, *(item.name for item in base.features)]
    held = [item for item in given if item in index.specs]
    for item in wanted:
        if item not in held:
            derived = {found.name for found in registry.derived_models(base.name)}
            why = "is derived itself" if item in derived else f"is nothing that {base.name} gives"
            raise UnusableFeature(f"{item} {why}: choose from {', '.join(held)}")
    return tuple(dict.fromkeys(wanted or held))


def _summary(quality: ProjectionQuality) -> str:
    found = quality.unseen_works.among_all
    before, after = (of(found).micro[MEASURE].value for of in (before_of, after_of))
    return (
        f"{quality.recipe} on {' and '.join(quality.features)}, fitted to {quality.classes} values "
        f"of {quality.label} by {quality.works} works; P@{DEPTH} on works not learned "
        f"from {before:.3f} to {after:.3f}"
    )
