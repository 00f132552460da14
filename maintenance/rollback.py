"""The former generation of the index in use again."""

from catalog.generations import mark_rolled_back
from catalog.locks import AdvisoryLock, advisory_lock
from ingest.context import IngestContext
from maintenance.reembed_history import begun_at
from search.background import refresh_backgrounds
from search.index.contract import no_former
from search.projections import refresh_projections


def roll_back(context: IngestContext) -> int:
    """Put the former generation in use again, and return how many works must be embedded again.

    Those are what was added or changed since: the next ingest embeds them, or a worker.

    Raises:
        IndexFault: no former generation is kept.
    """
    database, index = context.database, context.index
    with advisory_lock(database, AdvisoryLock.INDEX):
        index.refresh()
        former = index.former_generation()
        if former is None:
            raise no_former()
        held = set(former.ids())
        fingerprints = {name: spec.fingerprint for name, spec in former.specs.items()}
        former.close()
        with database.transaction() as session:
            # Before the switch: a kill in between has works embedded twice, and loses none.
            since = begun_at(session, done=True)
            behind, unknown = mark_rolled_back(session, held, fingerprints, since=since)
        index.roll_back()
        index.delete(list(unknown))
        projected = refresh_projections(database, index, context.registry)
    refresh_backgrounds(database, index, anew=projected)
    return behind
