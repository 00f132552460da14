"""Which sample a machine gets: the museum's paintings, or those that the project draws."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from errors import VasariError
from ingest.download.rules import DownloadRules
from ingest.sample.generated import draw_collection
from ingest.sample.nga import BASE_URL, FetchOutcome, fetch_nga_sample, nga_reachable

Kind = Literal["nga", "generated"]
Progress = Callable[[int, int], None]

ENOUGH_IMAGES = 100  # of some 200: fewer make a poor first impression


@dataclass(frozen=True)
class SamplePrepared:
    """A folder of JPEGs with its table, ready for the folder reader."""

    kind: Kind
    csv: Path
    folder: Path  # where the images and the table lie
    sentence: str  # which sample this is, and why, for a person to read
    failures: tuple[tuple[str, str], ...] = ()  # (image, reason) of what could not be fetched


class SampleUnavailableError(VasariError):
    """The sample that was asked for by name cannot be had."""


def prepare_sample(
    folder: Path,
    rules: DownloadRules,
    *,
    on_progress: Progress | None = None,
    base_url: str = BASE_URL,
    prefer: Literal["auto", "nga", "generated"] = "auto",
    works: int | None = None,
    enough: int = ENOUGH_IMAGES,
) -> SamplePrepared:
    """Make a sample collection in a subfolder of ``folder``, ``nga`` or ``generated``.

    ``auto`` keeps what an earlier call chose, without asking the network; else it takes the
    museum's paintings if its server answers and at least ``enough`` images arrive, else it draws.
    ``works`` limits how many are drawn. ``on_progress`` is called with (done, total).

    Raises :class:`SampleUnavailableError` where ``prefer`` is ``nga`` and not one image came.
    """
    earlier = _chosen_before(folder) if prefer == "auto" else None
    if earlier == "nga":
        sentence = "Paintings of the National Gallery of Art, kept from an earlier run."
        return SamplePrepared("nga", folder / "nga" / "works.csv", folder / "nga", sentence)
    if prefer == "generated" or earlier == "generated":
        why = "as asked" if prefer == "generated" else "as in an earlier run"
        return _drawn(folder, on_progress, works, why)
    if prefer == "auto" and not nga_reachable(rules, base_url):
        why = "because the National Gallery of Art's image server cannot be reached from here"
        return _drawn(folder, on_progress, works, why)
    outcome = fetch_nga_sample(folder / "nga", rules, base_url=base_url, on_progress=on_progress)
    if prefer == "auto" and outcome.images < enough:
        total = outcome.images + len(outcome.failures)
        why = f"because only {outcome.images} of {total} images came from the museum's server"
        return _drawn(folder, on_progress, works, why, outcome.failures)
    if not outcome.images:
        raise SampleUnavailableError(
            f"No image came from the National Gallery of Art ({outcome.failures[0][1]}). "
            "Try again later, or take the generated sample."
        )
    why = "as asked" if prefer == "nga" else "because the museum's image server can be reached"
    return _fetched(folder, outcome, why)


def _fetched(folder: Path, outcome: FetchOutcome, why: str) -> SamplePrepared:
    _remember(folder, "nga")
    sentence = f"{outcome.images} paintings of the National Gallery of Art (open access), {why}."
    if outcome.failures:
        sentence += f" {len(outcome.failures)} images could not be fetched."
    return SamplePrepared("nga", outcome.csv, folder / "nga", sentence, outcome.failures)


def _drawn(
    folder: Path,
    on_progress: Progress | None,
    works: int | None,
    why: str,
    failures: tuple[tuple[str, str], ...] = (),
) -> SamplePrepared:
    table = draw_collection(folder / "generated", on_progress=on_progress, works=works)
    _remember(folder, "generated")
    sentence = f"The generated sample: pictures drawn by Vasari, not a museum's works, {why}."
    return SamplePrepared("generated", table, folder / "generated", sentence, failures)


def _chosen_before(folder: Path) -> Kind | None:
    """What an earlier call chose and finished."""
    try:
        chosen = (folder / "chosen.txt").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    for kind in ("nga", "generated"):
        if chosen == kind and (folder / kind / "works.csv").exists():
            return "nga" if kind == "nga" else "generated"
    return None


def _remember(folder: Path, kind: Kind) -> None:
    (folder / "chosen.txt").write_text(f"{kind}\n", encoding="utf-8")
