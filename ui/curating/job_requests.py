"""Jobs that curators ask for, over the API or on the page, and the command lines that do them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from settings import Settings
from ui.curating.job_arguments import ingest_arguments

Label = Literal["style", "genre", "artist", "school"]

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]


def _kind_is_needed(schema: dict[str, Any]) -> None:
    """Say in a schema that a request names its kind, which Python has by the class."""
    schema["required"] = ["kind", *schema.get("required", [])]


class _Job(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_kind_is_needed)


class IngestJob(_Job):
    """Take works in; ``options`` are those of ``vasari ingest SOURCE``, with underscores."""

    kind: Literal["ingest"] = "ingest"
    source: Word
    options: Mapping[str, Any] = Field(default={}, max_length=20)
    model: tuple[Word, ...] = ()
    limit: int | None = Field(default=None, ge=1, le=10**9)
    dry_run: bool = Field(
        default=False, description="Answer with what would be read; take in nothing."
    )

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line.

        Raises:
            InvalidJob: curators may not ask for this.
        """
        asked = ingest_arguments(
            settings, self.source, self.options, limit=self.limit, models=self.model
        )
        return [*asked[:2], "--dry-run", *asked[2:]] if self.dry_run else asked


class RetryJob(_Job):
    """Try again what failed, in one job or in any."""

    kind: Literal["retry"] = "retry"
    job: Word | None = None
    stage: Literal["fetch", "decode", "embed"] | None = None

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        stage = [f"--stage={self.stage}"] if self.stage else []
        return ["jobs", "retry", "--json", *stage, "--", *([self.job] if self.job else [])]


class ReembedJob(_Job):
    """Embed the collection with a model, or go back to the former vectors."""

    kind: Literal["reembed"] = "reembed"
    model: Word | None = None
    rollback: bool = False
    discard_former: bool = False

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        model = [f"--model={self.model}"] if self.model else []
        rollback = ["--rollback"] if self.rollback else []
        discard = ["--discard-former"] if self.discard_former else []
        return ["reembed", "--json", *model, *rollback, *discard]


class ReconcileJob(_Job):
    """Compare catalog, index and thumbnails, and repair what differs."""

    kind: Literal["reconcile"] = "reconcile"
    fix: bool = False

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        return ["reconcile", "--json", *(["--fix"] if self.fix else [])]


class ProjectionJob(_Job):
    """Learn a supervised projection from labels."""

    kind: Literal["fit-projection"] = "fit-projection"
    model: Word
    label: Label

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        return ["fit-projection", "--json", f"--model={self.model}", f"--label={self.label}"]


class MapJob(_Job):
    """Place new works on the maps of the collection, or draw the maps, of some models or of all."""

    kind: Literal["map"] = "map"
    model: tuple[Word, ...] = ()
    anew: bool = False

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        models = [f"--model={name}" for name in self.model]
        return ["map", "--json", *models, *(["--anew"] if self.anew else [])]


class IndexCheckJob(_Job):
    """Measure how many of the nearest works the index finds."""

    kind: Literal["index-check"] = "index-check"

    def arguments(self, settings: Settings) -> list[str]:
        """Return the command line."""
        return ["index", "check", "--json"]


Job = IngestJob | RetryJob | ReembedJob | ReconcileJob | ProjectionJob | MapJob | IndexCheckJob
