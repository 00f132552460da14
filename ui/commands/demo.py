"""``vasari demo``: the whole of Vasari on a sample collection, on embedded engines."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import ImageState
from deployment import Deployment
from embedders import Embedder, WeightsUnavailable
from ingest.download.rules import download_rules
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from ingest.sample import prepare_sample
from settings import Settings
from ui import options
from ui.documents.collection import search_document
from ui.documents.plain import plain
from ui.output import Refused, console, messages, note, print_json
from ui.progress import TerminalProgress, counted
from ui.questions import SearchRequest, answer, make_query
from ui.serving.server import serve
from ui.session import settings_for
from ui.tables.collection import search_tables, summary_panel, work_label

WITHOUT_WEIGHTS = "colour_grid"
"""Asked where no other model's weights can be had."""


def demo_command(
    *,
    ui: Annotated[bool, typer.Option("--ui/--no-ui", help="Serve the web page at the end.")] = True,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Take in a sample collection, search it once, and serve the web page.

    Always on the embedded engines, whatever servers the settings name. Without --home or
    VASARI_HOME it lives in ~/.vasari/demo.
    """
    settings = _embedded_settings(home)
    with Deployment(settings) as deployment:
        deployment.report_to(note)
        _refuse_other_collections(deployment)
        with counted(messages, "sample collection") as progress:
            rules = download_rules(settings)
            sample = prepare_sample(settings.home / "sample", rules, on_progress=progress)
        messages.print(sample.sentence)
        embedders = _ready_embedders(deployment)
        with TerminalProgress(messages) as progress_bar:
            summary = ingest(
                FolderReader(sample.folder, table=sample.csv),
                deployment.ingest_context(embedders),
                progress_bar,
            )
        if not as_json:
            console.print(summary_panel(summary))
        document = {"sample": sample.kind, "ingest": plain(summary)}
        document |= _worked_search(deployment, embedders, as_json=as_json)
        if as_json:
            print_json(document)
    if ui and not as_json:
        serve(settings, settings.port)


def _embedded_settings(home: Path | None) -> Settings:
    settings = settings_for(home)
    if home is None and "home" not in settings.model_fields_set:
        settings = settings_for(settings.home / "demo")
    return settings.model_copy(update={"qdrant_url": None, "database_url": None})


def _refuse_other_collections(deployment: Deployment) -> None:
    with deployment.database.transaction() as session:
        page = list_artworks(session, Filter(), limit=None)
    sample = deployment.settings.home / "sample"
    others = [
        work for work in page.artworks if not Path(work.image_location).is_relative_to(sample)
    ]
    if others:
        raise Refused(
            f"{deployment.settings.home} holds a collection of {len(others)} works, and the demo "
            "must not mix its sample into it: give it a folder of its own with --home"
        )


def _ready_embedders(deployment: Deployment) -> list[Embedder]:
    """Load the models of the settings; say of each that is missing why."""
    ready = []
    for name in deployment.settings.models:
        try:
            ready.append(deployment.embedder(name))
        except WeightsUnavailable as error:
            said = (f"The demo goes on without {name}:", "yellow")
            messages.print(Text.assemble(said, f" {error}"))
    return ready or [deployment.embedder(WITHOUT_WEIGHTS)]


def _worked_search(
    deployment: Deployment, embedders: list[Embedder], *, as_json: bool
) -> dict[str, object]:
    with deployment.database.transaction() as session:
        page = list_artworks(session, Filter(), state=ImageState.READY)
    if not page.artworks:
        raise Refused("no image of the sample could be taken in; `vasari jobs show` says why")
    query = page.artworks[len(page.artworks) // 3]
    models = tuple(item.name for item in embedders)
    request = SearchRequest(query=make_query(query.id), models=models, top=5)
    found = answer(deployment, request)
    if not as_json:
        console.print("Works most like", work_label(query), sep="\n")
        console.print(search_tables(found))
        again = f"vasari search {query.id} --top 5 --home {deployment.settings.home}"
        console.print(f"The same search again: {again}", soft_wrap=True, highlight=False)
    return {"query": str(query.id), "search": search_document(found)}
