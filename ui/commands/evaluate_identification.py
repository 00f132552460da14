"""``vasari evaluate identification``: how often the painting in a photo is recognised."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from PIL import Image

from catalog.artworks import by_id
from deployment import Deployment
from evaluation.certainty_fit import fit_certainty
from evaluation.copies import read_related_works, read_same_works
from evaluation.identification import evaluate_identification
from evaluation.identification_curves import IdentificationCurves, identification_curves
from evaluation.identification_examples import photo_examples
from evaluation.identification_values import curves_values, quality_values
from evaluation.photo_queries import Bench
from evaluation.strengths import STRENGTHS
from search.identification.identify import model_for_identifying
from ui import options
from ui.documents.identification import curves_document, identification_quality_document
from ui.evaluation_runs import Outcome, present_run
from ui.output import Refused, messages, note, present
from ui.progress import counted
from ui.session import models_for_search, open_deployment
from ui.tables.collection import facts_table
from ui.tables.identification import identification_quality_tables
from ui.tables.identification_curves import curves_tables

PROTOCOL = "identification"
PHOTOS = 1_000
PHOTOS_A_STRENGTH = 30


def identification_command(
    *,
    perturbation: Annotated[
        Literal["usual", "hard", "hard-any-angle"] | None,
        typer.Option(help="What is done to the pictures.", show_default="usual"),
    ] = None,
    curves: Annotated[
        bool,
        typer.Option(
            "--curves",
            help="Instead, do one thing at a time to the pictures, more and more of it: how many "
            "are still recognised at each strength.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help=f"With --curves: only this ({', '.join(STRENGTHS)}); repeat for several.",
            show_default="all",
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="With --curves: draw them as SVG files into this folder."),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "--n",
            "-n",
            min=1,
            help="Works asked about.",
            show_default=f"{PHOTOS}, with --curves {PHOTOS_A_STRENGTH}",
        ),
    ] = None,
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
    unfit: Mapping[str, object] = {"--only": only, "--pictures": pictures}
    if curves:
        unfit = {"--perturbation": perturbation, "--leave-out": leave_out}
        unfit |= {"--from-end": from_end, "--queries": queries}
    with open_deployment(home) as deployment:
        _refuse(unfit, "does not go with --curves" if curves else "needs --curves")
        bench = bench_of(deployment)
        with counted(messages, "asking") as told:
            if curves:
                asked = {"n": n or PHOTOS_A_STRENGTH, "seed": seed, "only": only or []}
                outcome = _curves(deployment, bench, asked, same_works, told, pictures=pictures)
            else:
                asked = {
                    "perturbation": perturbation or "usual",
                    "n": n or PHOTOS,
                    "seed": seed,
                    "leave_out": leave_out,
                    "from_end": from_end,
                }
                outcome = _quality(deployment, bench, asked, same_works, told, queries=queries)
        present_run(deployment, outcome, save=save, as_json=as_json)


def certainty_command(
    documents: Annotated[
        list[Path],
        typer.Argument(help="Written by `vasari evaluate identification --queries --save`."),
    ],
    *,
    as_json: options.Json = False,
) -> None:
    """Fit how sure an identification is, and compare the fit with what is stated now."""
    fit = fit_certainty(documents)
    present(asdict(fit), facts_table(asdict(fit)), as_json=as_json)


def _quality(
    deployment: Deployment,
    bench: Bench,
    asked: dict[str, Any],
    same_works: Path | None,
    told: Callable[[int, int], None],
    *,
    queries: bool,
) -> Outcome:
    from ui.reports.identification_report import identification_report
    from ui.reports.pictures import WorkPictures

    quality = evaluate_identification(bench, **asked, **_copies(same_works), progress=told)
    examples = photo_examples(bench, quality)
    return Outcome(
        protocol=PROTOCOL,
        options={**asked, "same_works": same_works, "queries": queries},
        document=identification_quality_document(quality, queries=queries),
        tables=identification_quality_tables(quality),
        report=identification_report(quality, examples, WorkPictures(deployment.thumbnail_of)),
        models=[model.name for model in bench.alone],
        queries=quality_values(quality),
    )


def _curves(
    deployment: Deployment,
    bench: Bench,
    asked: dict[str, Any],
    same_works: Path | None,
    told: Callable[[int, int], None],
    *,
    pictures: Path | None,
) -> Outcome:
    from ui.reports.identification_charts import draw_curves
    from ui.reports.identification_report import curves_report

    found = identification_curves(bench, **asked, **_copies(same_works), progress=told)
    example = _example(found, deployment)
    if pictures is not None:
        draw_curves(found, example, pictures)
        note(f"Drawn into {pictures}")
    return Outcome(
        protocol=PROTOCOL,
        options={"curves": True, **asked, "same_works": same_works},
        document=curves_document(found),
        tables=curves_tables(found),
        report=curves_report(found, example),
        models=[model.name for model in bench.alone],
        queries=curves_values(found),
    )


def _copies(same_works: Path | None) -> dict[str, Any]:
    if same_works is None:
        return {}
    return {"same": read_same_works(same_works), "related": read_related_works(same_works)}


def _refuse(unfit: Mapping[str, object], reason: str) -> None:
    given = [name for name, value in unfit.items() if value]
    if given:
        raise Refused(f"{given[0]} {reason}")


def _example(found: IdentificationCurves, deployment: Deployment) -> Image.Image:
    """Return the picture of a work that was asked about."""
    first = next(iter(found.curves.values()))[0].quality.asked[0].work
    with deployment.database.transaction() as session:
        return deployment.picture_of(by_id(session, [first])[first])


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
