"""An export of the museum's full size, made of its real rows, with every kind of dirt they have."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.ingest.readers.nga_tables import COLUMNS

REAL = Path(__file__).resolve().parents[4] / "shared" / "nga"

OBJECTS, IMAGES, TERMS, LINKS = 140_000, 120_000, 600_000, 250_000
PAINTINGS = 4_600
KINDS = ("Print", "Drawing", "Photograph", "Sculpture", "Decorative Art", "Volume")
THEMES = ("portrait", "landscape", "religious", "still life", "genre", "mythology", "marine")
STYLES = ("Renaissance", "Baroque", "Romantic", "Realist", "<i>Impressionist</i>", "Abstract")
SCHOOLS = ("Florentine", "Sienese", "Venetian", "Dutch", "French", "American", "<i>Umbrian</i>")
OTHERS = ("Keyword", "Technique", "Place Executed", "Systematic Catalogue Volume")
PROVENANCE = (
    'Bought at "The Hague", 1820;\nby descent to the present owner, who, in turn, gave it. '
)


def write_full_export(folder: Path) -> Path:
    """Write the five tables; the same bytes whenever the real rows are the same."""
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    objects = _objects(rng)
    for name, table in {
        "objects": _with_repeated_rows(objects),
        "published_images": _images(rng, objects),
        "objects_terms": _terms(rng, objects),
        "objects_constituents": _links(rng, objects),
        "constituents": pd.read_csv(REAL / "constituents.csv", dtype=str),
    }.items():
        table.reindex(columns=list(COLUMNS[name])).to_csv(folder / f"{name}.csv", index=False)
    return folder


def _objects(rng: np.random.Generator) -> pd.DataFrame:
    real = pd.read_csv(REAL / "paintings.csv", dtype=str)
    sample = pd.read_csv(REAL / "school_theme_sample.csv").drop_duplicates("objectid")
    rows = real.iloc[np.arange(OBJECTS) % len(real)].reset_index(drop=True)
    years = rows["date"].str.extract(r"(\d{4})")[0].astype("Float64").astype("Int64")
    numbers = np.arange(1, OBJECTS + 1) * 3
    objects = pd.DataFrame(
        {
            "objectid": numbers,
            "accessionnum": [f"1937.1.{n}" + (".a" if n % 50 == 0 else "") for n in numbers],
            "title": rows["title"],
            "displaydate": rows["date"],
            "beginyear": years,
            "endyear": years + rng.integers(0, 9, OBJECTS),
            "medium": rows["medium"],
            "attribution": rows["artist"],
            "provenancetext": np.where(rng.random(OBJECTS) < 0.3, PROVENANCE * 4, PROVENANCE),
            "creditline": "Andrew W. Mellon Collection",
            "classification": np.where(
                np.arange(OBJECTS) < PAINTINGS, "Painting", rng.choice(KINDS, OBJECTS)
            ),
            "isvirtual": (rng.random(OBJECTS) < 0.002).astype(int),
            "departmentabbr": "DM-PTG",
            "constituentid": rows["constituentid"].str.removesuffix(".0"),
        }
    )
    objects = objects.sample(frac=1, random_state=7).reset_index(drop=True)
    sampled = objects.index[objects["classification"] == "Painting"][: len(sample)]
    for column in ("title", "displaydate", "beginyear", "endyear", "medium", "creditline"):
        objects.loc[sampled, column] = sample[column].astype(objects[column].dtype).to_numpy()
    return objects


def _with_repeated_rows(objects: pd.DataFrame) -> pd.DataFrame:
    paintings = objects[objects["classification"] == "Painting"]
    return pd.concat([objects, paintings.head(25), objects.tail(25)])


def _images(rng: np.random.Generator, objects: pd.DataFrame) -> pd.DataFrame:
    owners = objects["objectid"].to_numpy()
    with_image = owners[rng.random(OBJECTS) < 0.7]
    alternates = rng.choice(with_image, IMAGES - len(with_image) - 500)
    of_nothing = np.concatenate([np.arange(400) * 3 + 2_000_001, np.full(100, -1)])
    of_object = np.concatenate([with_image, alternates, of_nothing])
    count = len(of_object)
    uuids = pd.Series([f"{number:08x}-64a2-4961-9ccc-8c6c06117df2" for number in range(count)])
    primary = np.zeros(count, bool)
    primary[: len(with_image)] = True
    primary[-500:] = True
    return pd.DataFrame(
        {
            "uuid": uuids,
            "iiifurl": "https://api.nga.gov/iiif/" + uuids,
            "viewtype": np.where(primary, "primary", "alternate"),
            "sequence": np.where(primary, 0, rng.integers(1, 9, count)),
            "width": rng.integers(400, 9000, count),
            "height": rng.integers(400, 9000, count),
            "maxpixels": np.where(rng.random(count) < 0.1, "640", ""),
            "openaccess": (rng.random(count) < 0.85).astype(int),
            "modified": "2023-05-09 17:22:00.000-04",
            "depictstmsobjectid": pd.Series(of_object).astype(str).replace("-1", ""),
            "assistivetext": np.where(rng.random(count) < 0.2, "A woman, seated, reads. " * 9, ""),
        }
    ).sample(frac=1, random_state=8)


def _terms(rng: np.random.Generator, objects: pd.DataFrame) -> pd.DataFrame:
    owners = rng.choice(objects["objectid"].to_numpy(), TERMS - 5000)
    kinds = rng.choice(["School", "Style", "Theme", *OTHERS], len(owners))
    themes = rng.choice(THEMES, len(owners))
    words = {
        "School": rng.choice(SCHOOLS, len(owners)),
        "Style": rng.choice(STYLES, len(owners)),
        "Theme": themes,
    }
    terms = pd.DataFrame({"objectid": owners, "termtype": kinds})
    terms["term"] = np.select(
        [kinds == kind for kind in words], list(words.values()), "<i>term</i>"
    )
    browsed = rng.random(len(owners)) < 0.7
    terms["visualbrowsertheme"] = np.where((kinds == "Theme") & browsed, themes, "")
    terms["visualbrowserstyle"] = np.where((kinds == "Style") & browsed, terms["term"], "")
    terms = pd.concat([terms, terms.head(5000)])  # twice and identical
    terms.insert(0, "termid", np.arange(1, len(terms) + 1))
    return terms


def _links(rng: np.random.Generator, objects: pd.DataFrame) -> pd.DataFrame:
    makers = objects[["objectid", "constituentid"]].dropna()
    makers = makers.assign(displayorder=1, roletype="artist", role="painter")
    chosen = makers.sample(LINKS - len(makers), replace=True, random_state=9)
    donors = chosen.assign(displayorder=rng.integers(1, 9, len(chosen)), roletype="donor")
    links = pd.concat([makers, donors])
    links["prefix"] = np.where(rng.random(len(links)) < 0.03, "Workshop of", "")
    return links.sample(frac=1, random_state=10)
