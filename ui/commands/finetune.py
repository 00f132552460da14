"""``vasari finetune``: train a model on the labels of this collection."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evaluation.copies import read_same_works
from evaluation.labels import Label
from ingest.interruption import Interruption
from training.finetuning.presets import PRESETS, Overrides, adapt
from training.progress import Interrupted, Watch
from ui import options
from ui.documents.finetune import finetune_document
from ui.job_summary import end_interrupted
from ui.output import messages, note, present, save_json
from ui.progress import FinetuneProgress
from ui.session import open_deployment
from ui.tables.finetune import finetune_tables


class Tunable(StrEnum):
    """The models that can be fine-tuned."""

    RESNET50 = "resnet50"
    EFFICIENTNET_LITE0 = "efficientnet_lite0"
    EFFICIENTNET_B0 = "efficientnet_b0"


class LabelOption(StrEnum):
    """The labels that can be learned."""

    STYLE = "style"
    GENRE = "genre"
    ARTIST = "artist"


class Recipe(StrEnum):
    """The presets."""

    CLASSIC = "classic"
    ART = "art"


class Division(StrEnum):
    """What is kept together when the works are divided."""

    WORKS = "works"
    ARTISTS = "artists"


class Gives(StrEnum):
    """What the new model gives."""

    POOLED = "pooled"
    DENSE = "dense"


class Where(StrEnum):
    """What it is computed on."""

    AUTO = "auto"
    CUDA = "cuda"
    MPS = "mps"
    CPU = "cpu"


def finetune_command(
    *,
    model: Annotated[Tunable, typer.Option("--model", "-m", help="The model to start from.")],
    label: Annotated[LabelOption, typer.Option(help="What the works of a class have in common.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="Only works of this source; repeat.", show_default="all"),
    ] = None,
    preset: Annotated[
        Recipe,
        typer.Option(
            help="The recipe: classic is the field's; art is Vasari's, for smaller collections."
        ),
    ] = Recipe.CLASSIC,
    name: Annotated[
        str | None,
        typer.Option(help="Name of the new model.", show_default="MODEL_LABEL_tuned"),
    ] = None,
    embedding: Annotated[
        Gives | None,
        typer.Option(
            help="What the new model gives: the average of the last map, or the layer of 256 "
            "behind it.",
            show_default="the preset's",
        ),
    ] = None,
    min_works: Annotated[
        int | None,
        typer.Option(min=3, help="Fewest works of a class.", show_default="the preset's"),
    ] = None,
    max_works: Annotated[
        int | None,
        typer.Option(min=3, help="Most works of a class.", show_default="the preset's"),
    ] = None,
    split: Annotated[
        Division | None,
        typer.Option(
            help="What stays together when works are divided: copies of one work, or all works "
            "of an artist.",
            show_default="the preset's",
        ),
    ] = None,
    shares: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            help="Parts of the works for training, validation, and held out.",
            show_default="0.7 0.15 0.15",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=0, help="Epochs of the last phase.", show_default="the preset's"),
    ] = None,
    head_epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Epochs of the first phase.", show_default="the preset's"),
    ] = None,
    views: Annotated[
        int | None,
        typer.Option(
            min=0, help="Parts seen of each picture; 0: it whole.", show_default="the preset's"
        ),
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=2, help="Works in a batch.", show_default="the preset's")
    ] = None,
    accumulate: Annotated[
        int | None,
        typer.Option(min=1, help="Batches that make one step.", show_default="the preset's"),
    ] = None,
    same_works: Annotated[
        Path | None,
        typer.Option(
            help="CSV of files that show the same work (group, file, relation): they stay together."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the division and all that is drawn.")] = 0,
    device: Annotated[Where, typer.Option(help="What it is computed on.")] = Where.AUTO,
    save: options.JsonFile = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Teach a model the styles, genres or artists of this collection.

    Leaves a new model, with a report of how it learned and of what it is worth on works that were
    held out. `vasari reembed --model NAME` puts it beside its parent. Run the same command again
    to go on after an interruption.
    """
    from ui.reports.finetune_report import finetune_report
    from ui.reports.page import render

    with open_deployment(home) as deployment, Interruption() as interruption:
        overrides = Overrides(
            min_works=min_works,
            max_works=max_works,
            split=split.value if split else None,
            shares=shares,
            epochs=epochs,
            head_epochs=head_epochs,
            views=views,
            batch=batch,
            accumulate=accumulate,
        )
        adapted = adapt(PRESETS[preset], Label(label), overrides)
        # Only now: torch takes seconds to import, which a mistyped option should not.
        from training.finetuning.run import fine_tune
        from training.finetuning.spec import TrainingSpec

        spec = TrainingSpec(
            model=model.value,
            label=Label(label),
            preset=adapted,
            name=name or f"{model}_{label}_tuned",
            embedding=embedding.value if embedding else adapted.embedding,
            seed=seed,
            sources=tuple(source or ()),
        )
        try:
            with FinetuneProgress(messages) as progress:
                tuned = fine_tune(
                    deployment,
                    spec,
                    device=device,
                    same=read_same_works(same_works) if same_works else None,
                    watch=Watch(progress, lambda: interruption.requested),
                    report=note,
                )
        except Interrupted:
            end_interrupted()
        document = finetune_document(tuned)
        save_json(document, tuned.own.folder / "report.json")
        (tuned.own.folder / "report.html").write_text(render(finetune_report(tuned)), "utf-8")
        if save is not None:
            save_json(document, save)
        present(document, finetune_tables(tuned), as_json=as_json)
