"""The examples of a question, with what is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.artworks import ArtworkFacts
from search.query import Example, Query
from ui.web import collection, visit
from ui.web.page_state import Wish
from ui.web.pictures import TILE_PIXELS, address_of
from ui.web.visit import Upload
from ui.wording.works import made_by


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One example with what it is of: an upload, a work of the collection or a text."""

    wish: Wish
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
    def example(self) -> Example:
        """The example as the search knows it."""
        weight, region = self.wish.weight, self.wish.region
        match self.of:
            case Upload(data=data):
                return Example(data, weight, region)
            case ArtworkFacts(id=artwork_id):
                return Example(artwork_id, weight, region)
            case text:
                return Example(text, weight)

    def picture(self, *, pixels: int = TILE_PIXELS) -> str | None:
        """Return its picture as an address; ``None`` where it has none."""
        if isinstance(self.of, str):
            return None
        return address_of(self.of, pixels=pixels, part=self.wish.region)


def subjects(wishes: Sequence[Wish]) -> tuple[list[Subject], list[Wish]]:
    """Return the examples that can be had, and the wishes for others."""
    ids = {wish.of: UUID(wish.of) for wish in wishes if wish.kind == "work" and _is_id(wish.of)}
    works = collection.works(ids.values()) if ids else {}
    found, missing = [], []
    for wish in wishes:
        of: Upload | ArtworkFacts | str | None
        if wish.kind == "work":
            of = works.get(ids[wish.of]) if wish.of in ids else None
        else:
            of = wish.of if wish.kind == "text" else visit.picture(wish.of)
        if of is None:
            missing.append(wish)
        else:
            found.append(Subject(wish=wish, of=of))
    return found, missing


def query_of(found: Sequence[Subject]) -> Query:
    """Return the examples as one question.

    Raises:
        InvalidQuery: there is none to be like.
    """
    return Query(tuple(subject.example for subject in found))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
