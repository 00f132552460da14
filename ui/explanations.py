"""Why a picture and a work are alike: what a person or a program asks, the answer, its drawing."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from PIL import Image

from catalog.artworks import ArtworkFacts, by_id
from deployment import Deployment
from embedders import ImageLimits
from search.explanation import Cell, Explanation, explain
from search.fusion import FUSION
from search.query import Example, InvalidQuery
from ui.output import Refused
from ui.session import models_for_search


@dataclass(frozen=True, kw_only=True)
class Explained:
    """An answer.

    Args:
        query: what was asked.
        work: that is like it.
        at: the cell of the query of which more is told.
    """

    query: Example
    work: ArtworkFacts
    explanation: Explanation
    at: Cell | None


def explained(
    deployment: Deployment,
    query: Example,
    work: ArtworkFacts,
    *,
    model: str | None = None,
    at: tuple[float, float] | None = None,
    limits: ImageLimits | None = None,
) -> Explained:
    """Say which regions make a work like a picture.

    Args:
        model: the first that a search asks by default.
        at: a place of the query, X and Y in shares of its sides.
        limits: of the picture given; those of the settings by default.

    Raises:
        Refused: the index is empty.
        InvalidQuery: the model is ``fusion``.
        VasariError: as ``search.explanation.explain`` says.
    """
    explanation = explain(
        query,
        work.id,
        embedder=deployment.embedder(_model(deployment, model)),
        index=deployment.index,
        database=deployment.database,
        picture_of=deployment.picture_of,
        limits=limits or deployment.image_limits,
    )
    cell = None if at is None else explanation.cell_at(*at)
    return Explained(query=query, work=work, explanation=explanation, at=cell)


def drawn(deployment: Deployment, found: Explained) -> Image.Image:
    """Draw the two pictures and their heat maps."""
    # Imported here: a server that is starting waits for no OpenCV.
    from search.explanation_drawing import draw_explanation

    return draw_explanation(
        found.explanation,
        query_title=_query_title(deployment, found.query),
        work_title=_title(found.work),
        at=found.at,
    )


def _model(deployment: Deployment, name: str | None) -> str:
    if name == FUSION:
        raise InvalidQuery(
            "fusion is of several models, and each is alike for its own reasons: name one"
        )
    if name is not None:
        return name
    names = models_for_search(deployment, None)
    if not names:
        raise Refused("the index is empty: run an ingest first")
    return names[0]


def _query_title(deployment: Deployment, query: Example) -> str:
    if isinstance(query.of, UUID):
        with deployment.database.transaction() as session:
            return _title(by_id(session, [query.of])[query.of])
    return query.of.name if isinstance(query.of, Path) else "query"


def _title(artwork: ArtworkFacts) -> str:
    return f"{artwork.title}, {artwork.artist}" if artwork.artist else artwork.title
