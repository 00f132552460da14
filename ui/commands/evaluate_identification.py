"""``vasari evaluate identification``: how often the painting in a photo is recognised."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from deployment import Deployment
from evaluation.certainty_fit import fit_certainty
from evaluation.copies import read_related_works, read_same_works
from evaluation.identification import evaluate_identification
from evaluation.photo_queries import Bench
from search.identify import model_for_identifying
from ui import options
from ui.commands.evaluate import present_document
from ui.identification_documents import identification_quality_document
from ui.identification_tables import identification_quality_tables
from ui.session import (
    console,
    explained_errors,
    messages,
    models_for_search,
    open_deployment,
    print_json,
)
from ui.tables import facts_table


class PerturbationName(StrEnum):
    """The names in ``PERTURBATIONS``, as choices."""

    USUAL = "usual"
    HARD = "hard"
    HARD_ANY_ANGLE = "hard-any-angle"


def identification_command(
    *,
    perturbation: Annotated[
        PerturbationName, typer.Option(help="What is done to the pictures.")
    ] = PerturbationName.USUAL,
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="Works asked about.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the works chosen and their photos.")] = 7,
    leave_out: Annotated[
        int, typer.Option(min=0, help="Works taken out of the collection, and asked about too.")
    ] = 0,
    from_end: Annotated[
        bool,
        typer.Option(
            "--from-end",
            help="Choose works from the other end of the order drawn: others than a test with the "
            "same seed asks about, to fit the certainty on.",
        ),
    ] = False,
    same_works: Annotated[
        Path | None,
        typer.Option(
            help="CSV of files that show the same work (group,file,relation): right answers for "
            "each other; those of another relation count neither way."
        ),
    ] = None,
    queries: Annotated[
        bool, typer.Option("--queries", help="Give every query's evidence in the document, too.")
    ] = False,
    save: Annotated[Path | None, typer.Option(help="Write the JSON document to this file.")] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Measure how often works are recognised in perturbed photos of them, and wrongly so.

    The photos are made of the original files, or of the thumbnails where those are out of reach.
    """
    with open_deployment(home, as_json=as_json) as deployment, Progress(console=messages) as bar:
        task = bar.add_task("asking", total=None)
        quality = evaluate_identification(
            bench_of(deployment),
            perturbation=str(perturbation),
            n=n,
            seed=seed,
            leave_out=leave_out,
            from_end=from_end,
            same=read_same_works(same_works) if same_works else None,
            related=read_related_works(same_works) if same_works else None,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
        if not as_json:
            console.print(identification_quality_tables(quality))
        document = identification_quality_document(quality, queries=queries)
        present_document(document, save=save, as_json=as_json)


def certainty_command(
    documents: Annotated[
        list[Path],
        typer.Argument(help="Written by `vasari evaluate identification --queries --save`."),
    ],
    *,
    as_json: options.Json = False,
) -> None:
    """Fit how sure an identification is, and compare the fit with what is stated now."""
    with explained_errors(as_json=as_json):
        fit = fit_certainty(documents)
        if as_json:
            print_json(asdict(fit))
        else:
            console.print(facts_table(asdict(fit)))


def bench_of(deployment: Deployment) -> Bench:
    """Return what the queries of an evaluation are asked of."""
    embedder = deployment.embedder(model_for_identifying(deployment.index))
    plain = [deployment.embedder(name) for name in models_for_search(deployment, None)]
    alone = list(dict.fromkeys([*plain, embedder]))
    for model in alone:
        model.load()
    return Bench(
        index=deployment.index,
        database=deployment.database,
        embedder=embedder,
        alone=alone,
        keypoints=deployment.keypoint_store,
        picture_of=deployment.picture_of,
    )
