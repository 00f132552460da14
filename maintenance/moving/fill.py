"""Filling an empty collection from another one, without embedding anything again.

The index is filled first and compared with the original; the catalog is written last, in one
transaction. A move that was killed leaves an empty catalog beside an index that knows nothing but
the same works: the same command begins again and writes over it. One that was killed when all was
written finds the same catalog, and only compares again.
"""

from collections.abc import Callable
from functools import partial
from itertools import chain

from sqlalchemy.orm import Session

from catalog.batching import batched
from catalog.tables import RowsRefused, count_on, insert_rows, row_counts, table_names
from embedders.own_models import DESCRIPTION
from ingest.web_address import is_web_address, without_credentials
from maintenance.moving.kept_files import copy_file
from maintenance.moving.origin import Collection, Contents, MoveFailed, MoveRefused, Origin, Report
from maintenance.moving.searches import differing_searches
from search.index.contract import check_specs

POINTS_AT_ONCE = 200


def fill(
    target: Collection,
    origin: Origin,
    *,
    with_files: bool = True,
    report: Report = lambda _what, _done, _all: None,
) -> Contents:
    """Bring everything of a collection into an empty one, and return what it holds then.

    Args:
        with_files: without, the thumbnails, own models and evaluations that the target's folder
            has are taken to be the same.

    Raises:
        MoveRefused: there is nothing to move, the target is not empty, or its database cannot hold
            the catalog: nothing was written.
        MoveFailed: what arrived is not what was sent; the target's catalog is still empty.
    """
    if not origin.specs:
        raise MoveRefused("there is nothing to move: the index is empty")
    sent = origin.contents()
    is_written = _has_same_catalog(target, origin, sent)
    require_empty(target, origin, with_files=with_files, but_for_catalog=is_written)
    if not is_written:
        _rehearse_catalog(target, origin, sent, report)
        _write_points(target, origin, sent, report)
        if with_files:
            _write_files(target, origin, sent, report)
    _compare_points(target, sent)
    _compare_searches(target, origin, report)
    if not is_written:
        _write_catalog(target, origin, sent, report)
    return target.contents()


def require_empty(
    target: Collection,
    origin: Origin,
    *,
    with_files: bool = True,
    but_for_catalog: bool = False,
) -> None:
    """Make sure that nothing is overwritten but what an earlier try left behind.

    Args:
        with_files: the home must hold no files but those of the origin.
        but_for_catalog: the catalog is known to be the origin's.

    Raises:
        MoveRefused: the target holds something else.
    """
    if not but_for_catalog:
        require_empty_catalog(target)
    sent_files = {name for name, _ in origin.files()} if with_files else set()
    # What all machines share comes to a home by itself, also what came after a backup.
    if with_files and (
        foreign_files := {name for name, _ in target.files()} - sent_files - target.models.files()
    ):
        raise MoveRefused(
            f"{target.home} is not empty: it has {min(foreign_files)}, which is not of this "
            "collection. Name a home that is new"
        )
    check_specs(target.index.specs, list(origin.specs.values()))
    foreign = set(target.index.specs) - set(origin.specs)
    ours = set(origin.ids())
    if foreign or any(point not in ours for point in target.index.ids()):
        raise MoveRefused(
            f"the index at {index_location(target)} is not empty: it holds what this "
            "collection does not. Name another server or another alias"
        )


def require_empty_catalog(target: Collection) -> None:
    """Make sure that a catalog has no rows.

    Raises:
        MoveRefused: it has.
    """
    with target.database.transaction() as session:
        filled = [name for name, count in row_counts(session).items() if count]
    if filled:
        raise MoveRefused(
            f"the catalog at {target.database.name} is not empty ({filled[0]} has rows): "
            "name a database that is new, or with --home a home that is"
        )


def _has_same_catalog(target: Collection, origin: Origin, sent: Contents) -> bool:
    """Tell whether the target's catalog is the origin's, row by row."""
    with target.database.transaction() as session:
        held = row_counts(session)
    if not any(held.values()) or held != {name: sent.rows.get(name, 0) for name in held}:
        return False
    return all(
        row == other
        for table in table_names()
        for row, other in zip(
            chain.from_iterable(target.rows(table)),
            chain.from_iterable(origin.rows(table)),
            strict=True,
        )
    )


def index_location(target: Collection) -> str:
    """Return where a collection's index is, without what nobody else is to know."""
    location = target.index.status().location
    return without_credentials(location) if is_web_address(location) else location


def _write_points(target: Collection, origin: Origin, sent: Contents, report: Report) -> None:
    target.index.ensure(list(origin.specs.values()))
    done = 0
    for points in batched(origin.points(), POINTS_AT_ONCE):
        target.index.upsert(points)
        done += len(points)
        report("works in the index", done, sent.points)
    report("building the HNSW graph", 0, 0)
    target.index.optimize()


def _write_files(target: Collection, origin: Origin, sent: Contents, report: Report) -> None:
    target.store.clear_unfinished()
    for count, (sha256, data) in enumerate(origin.thumbnails(), 1):
        target.store.put(sha256, data)
        report("thumbnails", count, sent.thumbnails)
    for count, (name, path) in enumerate(origin.files(), 1):
        if path.name == DESCRIPTION:
            target.models.send(path.parent.name, path)
        copy_file(path, target.home / name)
        report("models and evaluations", count, sent.files)
    for name, note in origin.addresses():
        target.originals.take_note(name, note)


def _compare_points(target: Collection, sent: Contents) -> None:
    status = target.index.status()
    arrived = {name: held.points for name, held in status.vectors.items()}
    if status.points != sent.points or arrived != dict(sent.vectors):
        raise MoveFailed(
            f"{sent.points} points were sent and {status.points} are there "
            f"(sent {dict(sent.vectors)}, there {arrived}); nothing was written to the catalog"
        )


def _compare_searches(target: Collection, origin: Origin, report: Report) -> None:
    recorded = origin.searches()
    report("searches compared", 0, len(recorded))
    differing = differing_searches(target.index, recorded)
    report("searches compared", len(recorded), len(recorded))
    if differing:
        first = differing[0]
        raise MoveFailed(
            f"{len(differing)} of {len(recorded)} searches are answered otherwise than before, the "
            f"first that for works like {first.query} under {first.model}; nothing was written to "
            "the catalog"
        )


def _rehearse_catalog(target: Collection, origin: Origin, sent: Contents, report: Report) -> None:
    """Make sure, before anything is written, that the catalog will take all rows in the end."""
    try:
        with target.database.transaction() as session:
            _insert_all(session, origin, sent, partial(report, "rows of the catalog checked"))
            session.rollback()
    except (RowsRefused, MoveFailed) as error:
        raise MoveRefused(f"{error}. Nothing was written") from error


def _write_catalog(target: Collection, origin: Origin, sent: Contents, report: Report) -> None:
    """Write all rows in one transaction, so that the target is filled or is not."""
    with target.database.transaction() as session:
        _insert_all(session, origin, sent, partial(report, "rows of the catalog"))
        count_on(session)


def _insert_all(
    session: Session, origin: Origin, sent: Contents, report: Callable[[int, int], None]
) -> None:
    total, done = sum(sent.rows.values()), 0
    for table in table_names():
        for part in origin.rows(table):
            insert_rows(session, table, part)
            done += len(part)
            report(done, total)
    arrived = {name: count for name, count in row_counts(session).items() if count}
    if arrived != {name: count for name, count in sent.rows.items() if count}:
        raise MoveFailed(
            f"the catalog sent {dict(sent.rows)} rows and {arrived} arrived; "
            "nothing of them was kept"
        )
