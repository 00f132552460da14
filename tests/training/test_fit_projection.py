"""A projection fitted as another program would: without the command line."""

from pathlib import Path

import pytest

from deployment import Deployment
from evaluation.labels import Label
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from training.fit_projection import ProjectionSpec, UnusableFeature, fit_projection
from training.progress import Interrupted, Watch


class Heard:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.tasks: list[str] = []

    def begin(self, task: str, total: int) -> None:
        self.tasks.append(task)

    def advance(self, pictures: int, note: str = "") -> None:
        pass


@pytest.fixture
def collection(tiny_settings: Settings, pictures: Path) -> Deployment:
    deployment = Deployment(tiny_settings)
    embedders = [deployment.embedder(name) for name in tiny_settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    return deployment


@pytest.mark.slow
def test_a_program_fits_a_projection_and_searches_by_it(collection: Deployment) -> None:
    heard = Heard()
    spec = ProjectionSpec(label=Label.STYLE, model="colour_grid", folds=3)
    with collection:
        fitted = fit_projection(collection, spec, watch=Watch(heard))
        assert (fitted.description.name, fitted.description.dimension) == ("style_lda", 2)
        assert fitted.quality.unseen_works.among_all.queries == 24
        assert collection.index.status().vectors["style_lda"].points == 24
        assert collection.embedder("style_lda").description == fitted.description
    assert [task.partition(" ")[0] for task in heard.tasks] == [
        "Reading", "Measuring", "Fitting", "Writing",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_it_cannot_be_made_from_is_a_typed_error(collection: Deployment) -> None:
    derived = ProjectionSpec(label=Label.STYLE, model="colour_grid_identity")
    foreign = ProjectionSpec(label=Label.STYLE, model="colour_grid", features=("edge_grid",))
    with collection:
        for spec in (derived, foreign):
            with pytest.raises(UnusableFeature):
                fit_projection(collection, spec)


@pytest.mark.slow
def test_stopped_before_it_writes_it_leaves_nothing(collection: Deployment) -> None:
    checks = iter([False, False, True])
    spec = ProjectionSpec(label=Label.STYLE, model="colour_grid", folds=3)
    with collection:
        with pytest.raises(Interrupted):
            fit_projection(collection, spec, watch=Watch(stop=lambda: next(checks)))
        assert "style_lda" not in collection.index.specs
        assert not collection.models_dir.exists()
