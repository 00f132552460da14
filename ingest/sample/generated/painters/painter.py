"""What is known of an invented painter."""

from dataclasses import dataclass

from ingest.sample.generated.picture import Hand


@dataclass(frozen=True, kw_only=True)
class Painter:
    """An invented painter: the name, where and when, the preferred formats, and the hand."""

    name: str
    school: str
    years: tuple[int, int]  # first and last year of painting
    formats: tuple[float, ...]  # width divided by height
    hand: Hand
