"""An answer as files to keep: a table of the hits, and a sheet of their pictures."""

import io
from collections.abc import Mapping
from functools import partial

import streamlit as st
from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from search.similar import ModelHits
from ui.addresses import work_address
from ui.contact_sheet import SheetPicture, contact_sheet
from ui.web import collection
from ui.web.spreadsheet import spreadsheet
from ui.web.visit import page_origin
from ui.wording.numbers import percent
from ui.wording.works import made_by

_COLUMNS = ("model", "rank", "title", "artist", "year", "genre", "style", "school", "source")
_FIGURES = ("cosine", "angular_distance", "percentile")


def show_downloads(found: Mapping[str, ModelHits], title: str) -> None:
    """Draw the buttons that give an answer as files.

    Args:
        found: by model, in the order shown.
        title: of the question.
    """
    origin = page_origin()
    with st.container(key="downloads", horizontal=True, gap="small"):
        st.download_button(
            "Hits as a table (CSV)",
            partial(hits_table, found, origin=origin),
            "hits.csv",
            "text/csv",
            key="hits-csv",
            on_click="ignore",
        )
        st.download_button(
            "Hits as a picture (PNG)",
            partial(_sheet, found, title),
            "hits.png",
            "image/png",
            key="hits-png",
            on_click="ignore",
        )


def hits_table(found: Mapping[str, ModelHits], *, origin: str) -> bytes:
    """Return the hits as CSV in UTF-8, with the mark that spreadsheets know it by.

    Args:
        origin: of the page, which the works' addresses begin with.
    """
    rows = []
    for model, hits in found.items():
        for hit in hits.hits:
            work = hit.artwork
            told = {"model": collection.model_title(model), "rank": hit.rank}
            rows.append(
                [
                    *(told.get(name, getattr(work, name, None)) for name in _COLUMNS),
                    *(getattr(hit, name) for name in _FIGURES),
                    work.id,
                    f"{origin}{work_address(work.id)}",
                ]
            )
    return spreadsheet([*_COLUMNS, *_FIGURES, "id", "address"], rows)


def _sheet(found: Mapping[str, ModelHits], title: str) -> bytes:
    rows = {
        collection.model_title(model): [
            SheetPicture(
                _picture(hit.artwork),
                f"{hit.rank}. {hit.artwork.title}",
                made_by(hit.artwork),
                "" if hit.percentile is None else f"closer than {percent(hit.percentile)}",
            )
            for hit in hits.hits
        ]
        for model, hits in found.items()
    }
    written = io.BytesIO()
    contact_sheet(title, rows).save(written, "PNG")
    return written.getvalue()


def _picture(work: ArtworkFacts) -> Image.Image | None:
    try:
        return collection.deployment().thumbnail_of(work)
    except UnreadableImage:
        return None
