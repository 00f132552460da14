"""The examples of a question, with what is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.artworks import ArtworkFacts
from search.query import Example as QueryExample
from search.query import Query
from ui.web import collection, visit
from ui.web.page_state import Example
from ui.web.pictures import TILE_PIXELS, address_of
from ui.web.visit import Upload
from ui.wording.works import made_by


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One example with what it is of: an upload, a work of the collection or a text."""

    example: Example
    of: Upload | ArtworkFacts | str

    @property
    def title(self) -> str:
        """What it is called."""
        if isinstance(self.of, str):
            return f"“{self.of}”"
        return self.of.name if isinstance(self.of, Upload) else self.of.title

    @property
    def by(self) -> str:
        """Who made it, or what it is."""
        if isinstance(self.of, ArtworkFacts):
            return made_by(self.of)
        return "in words" if isinstance(self.of, str) else "your picture"

    @property
    def query_example(self) -> QueryExample:
        """The example as the search knows it."""
        weight, region = self.example.weight, self.example.region
        match self.of:
            case Upload(data=data):
                return QueryExample(data, weight, region)
            case ArtworkFacts(id=artwork_id):
                return QueryExample(artwork_id, weight, region)
            case text:
                return QueryExample(text, weight)

    def picture(self, *, pixels: int = TILE_PIXELS) -> str | None:
        """Return its picture as an address; ``None`` where it has none."""
        if isinstance(self.of, str):
            return None
        return address_of(self.of, pixels=pixels, part=self.example.region)


def subjects(examples: Sequence[Example]) -> tuple[list[Subject], list[Example]]:
    """Return the examples that can be had, and those that cannot."""
    ids = {
        example.of: UUID(example.of)
        for example in examples
        if example.kind == "work" and _is_id(example.of)
    }
    works = collection.works(ids.values()) if ids else {}
    found, missing = [], []
    for example in examples:
        of: Upload | ArtworkFacts | str | None
        if example.kind == "work":
            of = works.get(ids[example.of]) if example.of in ids else None
        else:
            of = example.of if example.kind == "text" else visit.picture(example.of)
        if of is None:
            missing.append(example)
        else:
            found.append(Subject(example=example, of=of))
    return found, missing


def query_of(found: Sequence[Subject]) -> Query:
    """Return the examples as one question.

    Raises:
        InvalidQuery: there is none to be like.
    """
    return Query(tuple(subject.query_example for subject in found))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
