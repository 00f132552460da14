"""What a curator changes by hand: the catalog and the index learn it together."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from catalog.artworks import ArtworkFacts, by_id
from catalog.corrections import Value, correct
from catalog.database import Database
from catalog.deletions import delete_artwork, is_image_of_any
from ingest.image_store import ImageStore
from search.index.contract import Index


def edit(
    database: Database,
    index: Index,
    artwork_id: UUID,
    values: Mapping[str, Value],
    *,
    withdrawn: Iterable[str] = (),
) -> ArtworkFacts:
    """Correct the metadata of a work in the catalog and in the index; see ``correct``.

    Where the index cannot be told, the catalog is left as it was.

    Raises:
        InvalidCorrection: no such work, no such field, or a value that the catalog cannot hold.
    """
    with database.transaction() as session:
        correct(session, artwork_id, values, withdrawn=withdrawn)
        facts = by_id(session, [artwork_id])[artwork_id]
        if index.specs:
            index.set_payload({artwork_id: facts.payload()})
    return facts


def delete(
    database: Database, index: Index, store: ImageStore, artwork_id: UUID
) -> ArtworkFacts | None:
    """Delete a work from the catalog, the index and the thumbnails, and remember that.

    The image itself, which is the source's, stays. Returns what was known of the work; ``None``
    where no work has this id.

    The catalog forgets the work last: killed in between, the same call finds what is left to do.
    """
    with database.transaction() as session:
        facts = delete_artwork(session, artwork_id)
        if facts is None:
            return None
        sha256 = facts.image_sha256
        shared = sha256 is not None and is_image_of_any(session, sha256)
        if index.specs:
            index.delete([artwork_id])
        if sha256 is not None and not shared:
            store.remove(sha256)
    return facts
