"""``vasari compare``: how far models agree over the whole collection."""

from typing import Annotated

import typer

from evaluation.agreement import compare_models
from search.index.contract import searchable_models
from ui import options
from ui.documents.evaluation import agreement_document
from ui.output import note, present, save_json
from ui.session import open_deployment
from ui.tables.evaluation import agreement_tables


def compare_command(
    *,
    sample: Annotated[int, typer.Option(min=1, help="Random works that ask.")] = 500,
    model: Annotated[
        list[str] | None,
        options.model_option(
            "A vector of the index; repeat for several, at least two.",
            default="all that can be searched",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of works.")] = 0,
    save: options.JsonFile = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Compare the models' first ten works for random works: by genre, style, century and in all.

    The JSON document is kept in the folder `reports` of the home, unless --save names another file.
    """
    with open_deployment(home) as deployment:
        names = model or searchable_models(deployment.index.specs)
        comparison = compare_models(
            deployment.index, deployment.database, names, sample=sample, seed=seed
        )
        document = agreement_document(comparison)
        name = f"compare-{'+'.join(comparison.models)}-{comparison.sample}-seed{seed}.json"
        path = save or deployment.settings.home / "reports" / name
        save_json(document, path)
        present(document, agreement_tables(comparison), as_json=as_json)
        note(f"Written to {path}")
