"""Filling an empty collection from a folder, which is read as one that came from a stranger."""

from pathlib import Path

from embedders import ModelRegistry, UnknownModel, model_status
from maintenance.moving.fill import fill
from maintenance.moving.origin import Collection, Contents, MoveRefused, Report
from maintenance.moving.parquet_folder import ParquetFolder
from maintenance.moving.verification import check_contents


def import_folder(
    target: Collection,
    exported: ParquetFolder,
    *,
    weights_dir: Path,
    report: Report = lambda _what, _done, _all: None,
) -> Contents:
    """Check what a folder holds, fill an empty collection with it, and return what it holds.

    Args:
        exported: its files are known to be those that were written.
        weights_dir: where the weights are that its vectors must have been made by.

    Raises:
        MoveRefused: the folder or the target is not fit for it: nothing was written.
        MoveFailed: what arrived is not what was sent; the target's catalog is still empty.
    """
    # The folder's own models are the collection's only once they have arrived.
    registry = ModelRegistry(model.description for model in exported.own_models())

    def fingerprint(model: str) -> str | None:
        try:
            return model_status(registry.describe(model), weights_dir).fingerprint
        except UnknownModel as error:
            raise MoveRefused(f"the folder holds {model} vectors: {error}") from error

    exported.check_models(fingerprint)
    check_contents(exported, report)
    return fill(target, exported, report=report)
