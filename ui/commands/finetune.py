"""``vasari finetune``: train a model on the labels of this collection."""

from pathlib import Path
from typing import Annotated, Any, Literal

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
from ui.progress import RateProgress
from ui.session import open_deployment
from ui.tables.finetune import finetune_tables

Tunable = Literal["resnet50", "efficientnet_lite0", "efficientnet_b0"]
LabelOption = Literal["style", "genre", "artist"]


def _of_preset(help: str, **how: Any) -> Any:
    return typer.Option(help=help, show_default="the preset's", **how)


def finetune_command(
    *,
    model: Annotated[Tunable, typer.Option("--model", "-m", help="The model to start from.")],
    label: Annotated[LabelOption, typer.Option(help="What the works of a class have in common.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="Only works of this source; repeat.", show_default="all"),
    ] = None,
    preset: Annotated[
        Literal["classic", "art"],
        typer.Option(
            help="The recipe: classic is the field's; art is Vasari's, for smaller collections."
        ),
    ] = "classic",
    name: Annotated[
        str | None,
        typer.Option(help="Name of the new model.", show_default="MODEL_LABEL_tuned"),
    ] = None,
    embedding: Annotated[
        Literal["pooled", "dense"] | None,
        _of_preset(
            "What the new model gives: the average of the last map, or the layer of 256 behind it."
        ),
    ] = None,
    min_works: Annotated[int | None, _of_preset("Fewest works of a class.", min=3)] = None,
    max_works: Annotated[int | None, _of_preset("Most works of a class.", min=3)] = None,
    split: Annotated[
        Literal["works", "artists"] | None,
        _of_preset(
            "What stays together when works are divided: copies of one work, or all works of an "
            "artist."
        ),
    ] = None,
    shares: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            help="Parts of the works for training, validation, and held out.",
            show_default="0.7 0.15 0.15",
        ),
    ] = None,
    epochs: Annotated[int | None, _of_preset("Epochs of the last phase.", min=0)] = None,
    head_epochs: Annotated[int | None, _of_preset("Epochs of the first phase.", min=1)] = None,
    views: Annotated[
        int | None, _of_preset("Parts seen of each picture; 0: it whole.", min=0)
    ] = None,
    batch: Annotated[int | None, _of_preset("Works in a batch.", min=2)] = None,
    accumulate: Annotated[int | None, _of_preset("Batches that make one step.", min=1)] = None,
    same_works: Annotated[
        Path | None,
        typer.Option(
            help="CSV of files that show the same work (group, file, relation): they stay together."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the division and all that is drawn.")] = 0,
    device: Annotated[
        Literal["auto", "cuda", "mps", "cpu"], typer.Option(help="What it is computed on.")
    ] = "auto",
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
            split=split,
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
            model=model,
            label=Label(label),
            preset=adapted,
            name=name or f"{model}_{label}_tuned",
            embedding=embedding or adapted.embedding,
            seed=seed,
            sources=tuple(source or ()),
        )
        try:
            with RateProgress(messages) as progress:
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
        deployment.shared_models.send(spec.name)
        if save is not None:
            save_json(document, save)
        present(document, finetune_tables(tuned), as_json=as_json)
