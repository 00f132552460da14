"""What curators change by hand over the web, each with its entry in the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from catalog.artists import ArtistFacts, find_artist
from catalog.artworks import ArtworkFacts, by_id
from catalog.audit_log import record_change, what_was_asked
from catalog.corrections import Value
from catalog.deletions import restore
from catalog.dismissals import dismiss, undismiss
from catalog.same_works import mark_same, unmark_same
from deployment import Deployment
from errors import VasariError
from ingest.readers.text import clean
from maintenance.artists import merge_artists, rename_artist, split_artist
from maintenance.curation import delete, edit
from ui.curating.job_requests import IngestJob, Job
from ui.curating.job_runner import JobRunner, Run

Decision = Literal["mark", "unmark", "dismiss", "undismiss"]

DECISIONS = {
    "mark": mark_same,
    "unmark": unmark_same,
    "dismiss": dismiss,
    "undismiss": undismiss,
}
"""What a curator can say of records that may be one work."""

UNDONE_BY: Mapping[Decision, Decision] = {"mark": "unmark", "dismiss": "undismiss"}


class NoSuchWork(VasariError, LookupError):
    """No work has this id."""

    is_for_visitors = True

    def __init__(self, artwork: UUID) -> None:
        super().__init__(f"no work has the id {artwork}")


class NotStartedHere(VasariError):
    """No curator has started an ingest."""

    is_for_visitors = True


class Changes:
    """Changes by one curator to one collection.

    Args:
        curator: their name, as the audit log has it.
    """

    def __init__(self, deployment: Deployment, curator: str) -> None:
        self._deployment = deployment
        self._curator = curator

    def edit(
        self, artwork: UUID, values: Mapping[str, Value], *, undo: Sequence[str] = ()
    ) -> ArtworkFacts:
        """Correct what is known of a work, or take corrections back.

        Raises:
            NoSuchWork: no work has this id.
            InvalidCorrection: a value that the catalog cannot hold.
        """
        self._known([artwork])
        facts = edit(
            self._deployment.database, self._deployment.index, artwork, values, withdrawn=undo
        )
        self.log("edit", artwork=str(artwork), values=dict(values), undo=list(undo))
        return facts

    def delete(self, artwork: UUID) -> None:
        """Delete a work; no ingest brings it back until it is restored.

        Raises:
            NoSuchWork: no work has this id.
        """
        self._known([artwork])
        opened = self._deployment
        delete(opened.database, opened.index, opened.image_store, artwork)
        self.log("delete", artwork=str(artwork))

    def restore(self, artwork: UUID) -> None:
        """Let the next ingest take in a work again that was deleted.

        Raises:
            NoSuchWork: no deleted work has this id.
        """
        with self._deployment.database.transaction() as session:
            if not restore(session, [artwork]):
                raise NoSuchWork(artwork)
        self.log("restore", artwork=str(artwork))

    def decide(self, decision: Decision, works: Sequence[UUID]) -> None:
        """Say of records that they are one work, or are not; or take that back.

        Raises:
            NoSuchWork: one of the ids is no work's.
        """
        ids = list(dict.fromkeys(works))
        self._known(ids)
        with self._deployment.database.transaction() as session:
            DECISIONS[decision](session, ids)
        self.log(decision, ids=[str(item) for item in ids])

    def merge(self, into: str, others: Sequence[str]) -> ArtistFacts:
        """Make artists one person, who keeps the name of ``into``.

        Args:
            into: an id, or a name.
            others: likewise.

        Raises:
            UnknownArtist: one of them is none, or several.
        """
        with self._deployment.database.transaction() as session:
            kept = find_artist(session, into)
            merged = [find_artist(session, other) for other in others]
        facts = merge_artists(self._deployment.database, self._deployment.index, kept, merged)
        self.log("merge artists", into=into, others=list(others))
        return facts

    def rename(self, artist: str, name: str) -> ArtistFacts:
        """Give an artist another preferred name.

        Raises:
            UnknownArtist: there is no such artist, or several.
        """
        with self._deployment.database.transaction() as session:
            found = find_artist(session, artist)
        facts = rename_artist(
            self._deployment.database, self._deployment.index, found, clean(name) or ""
        )
        self.log("rename artist", artist=artist, name=name)
        return facts

    def split(self, name: str) -> ArtistFacts:
        """Make the bearer of one spelling an artist of their own.

        Raises:
            UnknownArtist: no artist is spelled so.
        """
        facts = split_artist(self._deployment.database, self._deployment.index, name)
        self.log("split artist", name=name)
        return facts

    def start(self, job: Job, runner: JobRunner) -> Run:
        """Start a job, and return at once.

        Raises:
            InvalidJob: curators may not ask for this.
            TooManyJobs: others have to end first.
        """
        run = runner.start(job.arguments(self._deployment.settings))
        self.log(job.kind, job=run.id, asked=job.model_dump(mode="json", exclude_defaults=True))
        return run

    def resume(self, job: str, runner: JobRunner) -> Run:
        """Start an ingest again as a curator has asked for it; it goes on where it was.

        Raises:
            NotStartedHere: it is none, or no curator has started it.
            InvalidJob: curators may not ask for this any more.
            TooManyJobs: others have to end first.
        """
        with self._deployment.database.transaction() as session:
            asked = what_was_asked(session, job)
        if asked is None or "source" not in asked:
            raise NotStartedHere("This job was started at a shell: the same command goes on.")
        return self.start(IngestJob.model_validate(asked), runner)

    def log(self, action: str, **details: Any) -> None:
        """Write down what was done."""
        with self._deployment.database.transaction() as session:
            record_change(session, curator=self._curator, action=action, details=details)

    def _known(self, works: Sequence[UUID]) -> None:
        with self._deployment.database.transaction() as session:
            known = by_id(session, works)
        for item in works:
            if item not in known:
                raise NoSuchWork(item)
