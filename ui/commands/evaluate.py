"""``vasari evaluate``: how good the answers are, in numbers with confidence intervals."""

from typing import Annotated

import typer

from catalog.filters import Filter
from evaluation.choosing import evaluate_choosing
from evaluation.copies import read_same_works
from evaluation.distances import SAMPLE, evaluate_distances
from evaluation.index_quality import QUERIES, evaluate_index
from evaluation.labels import Label
from evaluation.retrieval import DEPTH, evaluate_retrieval
from ui import options
from ui.documents.evaluation import (
    choosing_document,
    distances_document,
    index_quality_document,
    retrieval_document,
)
from ui.evaluation_runs import Outcome, present_run
from ui.session import open_deployment
from ui.tables.evaluation import (
    choosing_tables,
    distances_tables,
    index_quality_tables,
    retrieval_tables,
)

app = typer.Typer(no_args_is_help=True, help="Measure how good the answers are.")

LabelOption = Annotated[Label, typer.Option(help="What right answers share with the query.")]
Depth = Annotated[int, typer.Option("-k", min=1, help="Works looked at in each answer.")]
EvaluatedModels = Annotated[
    list[str] | None,
    options.model_option(
        "A vector of the index, or `fusion` of those named; repeat for several.",
        default="all, and the fusion of the plain models",
    ),
]


@app.command("retrieval")
@options.takes_filter
def retrieval_command(
    *,
    label: LabelOption,
    model: EvaluatedModels = None,
    exclude_same_artist: Annotated[
        bool,
        typer.Option("--exclude-same-artist", help="Leave works by the query's artist out."),
    ] = False,
    same_works: options.SameWorks = None,
    wanted: Filter,
    k: Depth = DEPTH,
    seed: options.Seed = 0,
    save: options.Save = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Measure how often works are found that share a label with the query, model by model.

    Every work with the label asks once, by its stored vectors, and all others answer, ranked
    exactly. Copies of the query do not count: the same image, and what --same-works names. Filters
    leave works out wholly: they neither ask nor answer.
    """
    from ui.reports.pictures import WorkPictures
    from ui.reports.retrieval_report import retrieval_report

    with open_deployment(home) as deployment:
        quality = evaluate_retrieval(
            deployment.index,
            deployment.database,
            label=label,
            models=model or (),
            same=read_same_works(same_works) if same_works else None,
            exclude_same_artist=exclude_same_artist,
            wanted=wanted,
            k=k,
            seed=seed,
        )
        outcome = Outcome(
            protocol="retrieval",
            options={
                "label": label,
                "model": model or [],
                "exclude_same_artist": exclude_same_artist,
                "same_works": same_works,
                "k": k,
                "seed": seed,
            },
            document=retrieval_document(quality),
            tables=retrieval_tables(quality),
            report=retrieval_report(quality, WorkPictures(deployment.thumbnail_of)),
            models=quality.vectors,
            wanted=wanted,
            queries=quality.asked,
        )
        present_run(deployment, outcome, save=save, as_json=as_json)


@app.command("distances")
@options.takes_filter
def distances_command(
    *,
    model: options.SearchedModels = None,
    same_works: options.SameWorks = None,
    wanted: Filter,
    k: Depth = DEPTH,
    sample: Annotated[int, typer.Option(min=1, help="Random works that ask.")] = SAMPLE,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of works.")] = 0,
    save: options.Save = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Measure how near the first works are that a search finds, beside works at random.

    This needs no labels, and says nothing of whether the works found are the right ones.
    """
    from ui.reports.distances_report import distances_report
    from ui.reports.pictures import WorkPictures

    with open_deployment(home) as deployment:
        quality = evaluate_distances(
            deployment.index,
            deployment.database,
            models=model or (),
            wanted=wanted,
            same=read_same_works(same_works) if same_works else None,
            k=k,
            sample=sample,
            seed=seed,
        )
        outcome = Outcome(
            protocol="distances",
            options={
                "model": model or [],
                "same_works": same_works,
                "k": k,
                "sample": sample,
                "seed": seed,
            },
            document=distances_document(quality),
            tables=distances_tables(quality),
            report=distances_report(quality, WorkPictures(deployment.thumbnail_of)),
            models=list(quality.models),
            wanted=wanted,
            queries=quality.asked,
        )
        present_run(deployment, outcome, save=save, as_json=as_json)


@app.command("index")
@options.takes_filter
def index_command(
    *,
    model: options.SearchedModels = None,
    queries: Annotated[
        int, typer.Option(min=1, help="Works to ask about, for each model and kind of question.")
    ] = QUERIES,
    wanted: Filter,
    k: Depth = DEPTH,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of works and filters.")] = 7,
    save: options.Save = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Measure what HNSW finds of what a scan of every work finds, and how long both take.

    Asks without a filter, with random ones, and with the one that is given, if one is.
    """
    from ui.reports.index_report import index_report

    with open_deployment(home) as deployment:
        quality = evaluate_index(
            deployment.index,
            deployment.database,
            models=model or (),
            wanted=wanted,
            queries=queries,
            k=k,
            seed=seed,
        )
        outcome = Outcome(
            protocol="index",
            options={"model": model or [], "queries": queries, "k": k, "seed": seed},
            document=index_quality_document(quality),
            tables=index_quality_tables(quality),
            report=index_report(quality),
            models=list(quality.models),
            wanted=wanted,
            queries=quality.asked,
        )
        present_run(deployment, outcome, save=save, as_json=as_json)


@app.command("choosing")
def choosing_command(
    *,
    label: LabelOption,
    model: Annotated[
        list[str] | None,
        options.model_option(
            "A vector of the index; repeat for several, at least two.",
            default="the plain models, and what `auto` uses",
        ),
    ] = None,
    same_works: options.SameWorks = None,
    seed: options.Seed = 0,
    save: options.Save = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Measure whether choosing one model for each query would be better than fusing them.

    Compares single models, rules, learned choosers, and fusion with equal and with learned weights.
    """
    from ui.reports.choosing_report import choosing_report

    with open_deployment(home) as deployment:
        results = evaluate_choosing(
            deployment.index,
            deployment.database,
            label=label,
            models=model or (),
            same=read_same_works(same_works) if same_works else None,
            seed=seed,
        )
        outcome = Outcome(
            protocol="choosing",
            options={
                "label": label,
                "model": model or [],
                "same_works": same_works,
                "seed": seed,
            },
            document=choosing_document(results),
            tables=choosing_tables(results),
            report=choosing_report(results),
            models=results.models,
            queries=results.asked,
        )
        present_run(deployment, outcome, save=save, as_json=as_json)
