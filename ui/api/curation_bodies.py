"""What curators' requests carry."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from catalog.corrections import CORRECTABLE, Value
from settings import Settings
from ui.curating.job_arguments import ingest_arguments

Name = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]
Ids = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IngestBody(_Body):
    """Take works in; ``options`` are those of ``vasari ingest SOURCE``, with underscores."""

    kind: Literal["ingest"]
    source: Word
    options: dict[str, Any] = Field(default={}, max_length=20)
    model: tuple[Word, ...] = ()
    limit: int | None = Field(None, ge=1, le=10**9)
    dry_run: bool = Field(False, description="Answer with what would be read; take in nothing.")

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line.

        Raises:
            InvalidJob: curators may not ask for this.
        """
        asked = ingest_arguments(
            settings, self.source, self.options, limit=self.limit, models=self.model
        )
        return [*asked[:2], "--dry-run", *asked[2:]] if self.dry_run else asked


class RetryBody(_Body):
    """Try again what failed, in one job or in any."""

    kind: Literal["retry"]
    job: Word | None = None
    stage: Literal["fetch", "decode", "embed"] | None = None

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        stage = [f"--stage={self.stage}"] if self.stage else []
        return ["jobs", "retry", "--json", *stage, "--", *([self.job] if self.job else [])]


class ReembedBody(_Body):
    """Embed the collection with a model, or go back to the former vectors."""

    kind: Literal["reembed"]
    model: Word | None = None
    rollback: bool = False
    discard_former: bool = False

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        model = [f"--model={self.model}"] if self.model else []
        rollback = ["--rollback"] if self.rollback else []
        discard = ["--discard-former"] if self.discard_former else []
        return ["reembed", "--json", *model, *rollback, *discard]


class ReconcileBody(_Body):
    """Compare catalog, index and thumbnails, and repair what differs."""

    kind: Literal["reconcile"]
    fix: bool = False

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        return ["reconcile", "--json", *(["--fix"] if self.fix else [])]


class ProjectionBody(_Body):
    """Learn a supervised projection from labels."""

    kind: Literal["fit-projection"]
    model: Word
    label: Literal["style", "genre", "artist"]

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        return ["fit-projection", "--json", f"--model={self.model}", f"--label={self.label}"]


JobBody = Annotated[
    IngestBody | RetryBody | ReembedBody | ReconcileBody | ProjectionBody,
    Field(discriminator="kind"),
]


class IdsBody(_Body):
    """Records that something is said of."""

    ids: Ids


class MergeBody(_Body):
    """Artists who are the same person as another; ids or names."""

    others: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]


class NameBody(_Body):
    """A name of an artist."""

    name: Name


class CorrectionBody(_Body):
    """What is right of a work; ``null`` empties a field."""

    values: dict[Literal[CORRECTABLE], Value] = {}  # type: ignore[valid-type]
    undo: tuple[Literal[CORRECTABLE], ...] = Field(  # type: ignore[valid-type]
        (), description="Fields that are to follow the source again."
    )
