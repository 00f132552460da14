"""The open data of the National Gallery of Art as it is published: five CSV files and their joins.

The objects are streamed; what belongs to them is read first, held in Arrow's compact columns and
looked up for some thousand objects at a time. So memory is that of the smaller tables, and no row
that nobody asked for becomes a Python object.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.jobs import Failure
from ingest.readers.arrow_blocks import blocks
from ingest.readers.reader import UnreadableSource
from ingest.readers.table import MetadataTable, with_columns

TABLES: Mapping[str, tuple[str, ...]] = {
    "objects": ("objectid", "title", "classification"),
    "published_images": ("uuid", "iiifurl", "viewtype", "depictstmsobjectid"),
    "objects_terms": ("objectid", "termtype", "term"),
    "objects_constituents": ("objectid", "constituentid", "roletype"),
    "constituents": ("constituentid", "forwarddisplayname"),
}
"""The tables that are read, and the columns without which they are of no use."""

ANY = "any"
"""The classification that all objects have."""

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class NgaObject:
    """One object with all rows that belong to it; columns without a value are left out.

    Args:
        images: its primary images.
        terms: what it is indexed under.
        constituents: the people to do with it, by display order, each with what the table of
            constituents says of them.
    """

    row: Row
    images: tuple[Row, ...]
    terms: tuple[Row, ...]
    constituents: tuple[Row, ...]


def find_export(folder: Path) -> Path:
    """Return where the tables lie: in the folder, or in its ``data`` as in the museum's repository.

    Raises:
        UnreadableSource: some are missing.
    """
    if not folder.is_dir():
        raise UnreadableSource(f"{folder} is not a folder")
    place = folder
    if not (folder / "objects.csv").is_file() and (folder / "data" / "objects.csv").is_file():
        place = folder / "data"
    missing = [f"{name}.csv" for name in TABLES if not (place / f"{name}.csv").is_file()]
    if missing:
        raise UnreadableSource(
            f"{folder} lacks {', '.join(missing)} of the museum's export. "
            "Without --data the tables are fetched"
        )
    return place


def check_columns(path: Path, name: str) -> MetadataTable:
    """Return a table of the export.

    Raises:
        UnreadableSource: columns are missing.
    """
    return with_columns(path, TABLES[name], called=f"is not the museum's table {name}: it ")


class NgaExport:
    """The five tables, opened.

    Raises:
        UnreadableSource: a table or a column is missing.
    """

    def __init__(self, folder: Path) -> None:
        place = find_export(folder)
        self._tables = {name: check_columns(place / f"{name}.csv", name) for name in TABLES}
        self.images_without_object = 0
        """Primary images of no object in the export, known once the objects have been read."""
        self.classifications: Counter[str] = Counter()
        """Classification -> objects, of those read."""

    @property
    def says_what_is_open(self) -> bool:
        """Whether the images say if they may be downloaded freely; older exports do not."""
        return "openaccess" in self._tables["published_images"].columns

    def objects(self, classification: str) -> Iterator[NgaObject | Failure]:
        """Go through the objects of a classification, and the rows that cannot be read."""
        import pyarrow as pa
        import pyarrow.compute as pc

        failures: list[Failure] = []
        images = _RowsByKey(self._load("published_images", failures), "depictstmsobjectid")
        terms = _RowsByKey(self._load("objects_terms", failures), "objectid")
        links = _RowsByKey(self._load("objects_constituents", failures), "objectid")
        constituents = _RowsByKey(self._load("constituents", failures), "constituentid")
        known = []
        self.classifications.clear()
        for block in self._stream("objects", failures):
            yield from failures
            failures.clear()
            known.append(block["objectid"])
            kinds = pc.utf8_trim_whitespace(block["classification"])
            for count in pc.value_counts(kinds).to_pylist():
                self.classifications[count["values"]] += count["counts"]
            wanted = block
            if classification.casefold() != ANY:
                wanted = block.filter(pc.equal(pc.utf8_lower(kinds), classification.casefold()))
            ids = wanted["objectid"]
            people_of = links.of(ids)
            facts = constituents.of(pa.array(_values_of(people_of, "constituentid"), pa.string()))
            images_of, terms_of = images.of(ids), terms.of(ids)
            for row in wanted.to_pylist():
                key = row["objectid"]
                yield NgaObject(
                    row=_filled(row),
                    images=tuple(images_of[key]),
                    terms=tuple(terms_of[key]),
                    constituents=_people(people_of[key], facts),
                )
        yield from failures
        self.images_without_object = images.without(pa.chunked_array(known, pa.string()))

    def _load(self, name: str, failures: list[Failure]) -> Any:
        """Return a whole table; of the images the primary ones."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kept = []
        for block in self._stream(name, failures):
            primary = name == "published_images"
            kept.append(block.filter(pc.equal(block["viewtype"], "primary")) if primary else block)
        columns = self._tables[name].columns
        empty = pa.table({column: pa.array([], pa.string()) for column in columns})
        return pa.concat_tables([empty, *kept])

    def _stream(self, name: str, failures: list[Failure]) -> Iterator[Any]:
        """Go through a table in blocks; rows that do not fit its header are failures."""
        return map(_with_plain_ids, blocks(self._tables[name], failures))


@dataclass(frozen=True)
class _RowsByKey:
    """The rows of a table, looked up by the value of one column."""

    rows: Any
    key: str

    def of(self, keys: Any) -> Mapping[str, list[dict[str, str]]]:
        """Return the rows of each key in the table's order, without columns that are empty."""
        import pyarrow.compute as pc

        found: dict[str, list[dict[str, str]]] = defaultdict(list)
        matching = self.rows.filter(pc.is_in(self.rows[self.key], value_set=keys))
        for row in matching.to_pylist():
            found[row[self.key]].append(_filled(row))
        return found

    def without(self, keys: Any) -> int:
        """Return how many rows have none of the keys."""
        import pyarrow.compute as pc

        held = pc.is_in(self.rows[self.key], value_set=keys)
        return len(self.rows) - (pc.sum(held).as_py() or 0)


def _people(links: Sequence[dict[str, str]], facts: Mapping[str, Sequence[Row]]) -> tuple[Row, ...]:
    ordered = sorted(links, key=lambda link: (_number(link.get("displayorder")), *link.values()))
    return tuple(
        {
            **_about(facts.get(link.get("constituentid", ""))),
            **{name: value for name, value in link.items() if name != "objectid"},
        }
        for link in ordered
    )


def _about(found: Sequence[Row] | None) -> dict[str, str]:
    """Return what the table of constituents says, its dates told apart from the link's."""
    facts = found[0] if found else {}
    renamed = {"displaydate": "life", "beginyear": "born", "endyear": "died"}
    return {renamed.get(name, name): value for name, value in facts.items()}


def _number(text: str | None) -> float:
    try:
        return float(text or "inf")
    except ValueError:
        return float("inf")


def _values_of(rows: Mapping[str, Sequence[Row]], name: str) -> list[str]:
    return list({row[name] for group in rows.values() for row in group if name in row})


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value and not value.isspace()}


def _with_plain_ids(block: Any) -> Any:
    # A table that went through a spreadsheet or a data frame writes 17 as 17.0.
    import pyarrow.compute as pc

    for number, name in enumerate(block.column_names):
        if name in {"objectid", "depictstmsobjectid", "constituentid"}:
            plain = pc.replace_substring_regex(block[name], r"^\s*(\d*)(\.0*)?\s*$", r"\1")
            block = block.set_column(number, name, plain)
    return block
