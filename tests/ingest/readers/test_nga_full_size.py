"""The museum's export at its full size: the same counts as pandas finds, in bounded memory."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.ingest.readers.synthetic_nga import PAINTINGS, REAL, write_full_export

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
MOST_MEMORY = 1.5e9  # bytes

COMMAND = """
import pathlib, sys
from ui.cli import app
try:
    app()
finally:
    status = pathlib.Path("/proc/self/status")
    print(status.read_text() if status.exists() else "", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not REAL.is_dir():
        pytest.skip("the museum's real rows are not on this machine")
    return write_full_export(tmp_path_factory.mktemp("nga"))


@pytest.fixture(scope="module")
def found(export: Path) -> dict[str, Any]:
    """What a dry run prints, and the most memory that it took, in bytes."""
    run = subprocess.run(
        [sys.executable, "-c", COMMAND, "ingest", "nga", "--data", export, "--dry-run", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    peak = re.search(r"VmHWM:\s+(\d+) kB", run.stderr)
    return found | {"memory": int(peak[1]) * 1024 if peak else None}


@pytest.fixture(scope="module")
def wanted(export: Path) -> pd.DataFrame:
    """The paintings and their primary images, joined by pandas."""
    objects = pd.read_csv(export / "objects.csv", usecols=["objectid", "classification"])
    images = pd.read_csv(export / "published_images.csv")
    paintings = objects[objects["classification"] == "Painting"].drop_duplicates()
    primary = images[images["viewtype"] == "primary"]
    return paintings.merge(
        primary, left_on="objectid", right_on="depictstmsobjectid", how="left", indicator=True
    )


def test_the_export_is_of_full_size(export: Path) -> None:
    rows = {
        name: len(pd.read_csv(export / f"{name}.csv", usecols=[0]))
        for name in ("objects", "published_images", "objects_terms")
    }
    assert rows == {"objects": 140_050, "published_images": 120_000, "objects_terms": 600_000}


def test_a_dry_run_stays_within_its_memory(found: dict[str, Any]) -> None:
    if found["memory"] is None:
        pytest.skip("only Linux tells the memory of one process")
    assert found["memory"] < MOST_MEMORY


def test_paintings_are_all_accounted_for(found: dict[str, Any], wanted: pd.DataFrame) -> None:
    left_out = found["left_out"]
    without = int((wanted["_merge"] == "left_only").sum())
    closed = int((wanted["openaccess"] == 0).sum())
    assert wanted["objectid"].nunique() == PAINTINGS
    assert left_out["object without a primary image"] == without > 0
    assert left_out["object whose image is not open access"] == closed > 0
    assert found["works"] == PAINTINGS - without - closed
    assert found["failed"] == 0


@pytest.mark.parametrize(
    ("field", "kind", "browsed"),
    [
        ("genre", "Theme", "visualbrowsertheme"),
        ("style", "Style", "visualbrowserstyle"),
        ("school", "School", None),
    ],
)
def test_genres_styles_and_schools_are_counted_as_pandas_counts_them(
    export: Path,
    found: dict[str, Any],
    wanted: pd.DataFrame,
    field: str,
    *,
    kind: str,
    browsed: str,
) -> None:
    terms = pd.read_csv(export / "objects_terms.csv")
    terms["term"] = terms["term"].str.replace(r"</?i>", "", regex=True)
    value = terms["term"].where(terms["termtype"] == kind)
    first = value.groupby(terms["objectid"]).min()
    if browsed:
        better = terms[browsed].str.replace(r"</?i>", "", regex=True)
        first = better.groupby(terms["objectid"]).min().fillna(first)
    read = wanted.loc[wanted["openaccess"] == 1, "objectid"]
    expected = first.reindex(read).value_counts().to_dict()
    assert found[field] == expected
    assert len(expected) > 5
    assert found["missing"][field] == len(read) - sum(expected.values())
