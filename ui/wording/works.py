"""Works in one line."""

from catalog.artworks import ArtworkFacts


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
