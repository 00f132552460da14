"""Works in one line."""

from catalog.artworks import ArtworkFacts
from ui.addresses import work_address


def made_by(artwork: ArtworkFacts) -> str:
    """Return artist and year, as far as they are known."""
    return ", ".join(str(part) for part in (artwork.artist, artwork.year) if part is not None)


def more_reproductions(number: int) -> str:
    """Return how many more records a work has."""
    return "1 more reproduction" if number == 1 else f"{number} more reproductions"


def work_label(artwork: ArtworkFacts) -> str:
    """Return a work in one line, as it is listed to be chosen from."""
    by = made_by(artwork)
    return " ".join((f"{artwork.title}, {by}" if by else artwork.title).split())


def citation(artwork: ArtworkFacts, *, origin: str) -> str:
    """Return how a work is cited: maker, title, year, source, and where it was seen.

    Args:
        origin: of the page, such as ``https://vasari.museum.example``.
    """
    year = None if artwork.year is None else str(artwork.year)
    parts = (artwork.artist, artwork.title, year, artwork.source)
    told = ". ".join(" ".join(part.split()).rstrip(".") for part in parts if part)
    return f"{told}. {origin}{work_address(artwork.id)}"
