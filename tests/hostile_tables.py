"""Tables as nobody should write them, with good rows between the bad ones: made up from a seed."""

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tests.ingest.readers.nga_tables import COLUMNS
from tests.pictures import draw

READERS = ("csv", "nga", "wikiart")
GOOD = 6
"""Good rows of a table."""

WILD: Sequence[str] = (
    "",
    " ",
    "\0",
    "a\0b",
    "\x1b[2J\x1b]0;gone\x07",
    "\x9b31m",
    "\u202eevil\u2066",
    "\u2028\u2029\x85",
    "\ufeff",
    "\ufdfa" * 400,
    "\U0001f5bc" * 700,
    "e\u0301" * 300,
    "=cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|"/C calc"!A0',
    "'; DROP TABLE artworks; --",
    "<script>alert(1)</script>",
    "[red]markup[/red] [/]",
    "{'a': 1}",
    "%s%n%x {0} {x!r}",
    "nan",
    "-inf",
    "1e999",
    "9" * 5000,
    "-99999999999999999999",
    "2147483648",
    "0000-00-00",
    "31.02.99999",
    "\u0661\u0669\u0669\u0669",
    "\u00b2\u00bd",
    "x" * 501,
    "x" * 2001,
    "x y\t" * 20_000,
    "line\nbreak\r\nand\rmore",
    '"',
    '""',
    "a,b;c\td|e",
    "\\N",
    "NULL",
    "\u0391" * 3,
)
"""Values of any column."""

PLACES: Sequence[str] = (
    "http://museum.example:99999/a.jpg",
    "http://museum.example:-1/a.jpg",
    "http://museum.example:" + "9" * 400 + "/a.jpg",
    "http://[::1/a.jpg",
    "http://[::1%25eth0]:80/a.jpg",
    "http://xn--/a.jpg",
    "http://xn--a\u00e4-/a.jpg",
    "http://" + "a" * 300 + ".example/a.jpg",
    "http://" + ".".join("a" * 63 for _ in range(8)) + "/a.jpg",
    "http:///a.jpg",
    "http://user:pass@museum.example/a.jpg?sig=x",
    "http://museum.example/%zz/%00/\x1b.jpg",
    "HTTP://MUSEUM.EXAMPLE/\u202e.jpg",
    "ftp://museum.example/a.jpg",
    "javascript://alert(1)",
    "file:///etc/passwd",
    "file://host/share/a.jpg",
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "/dev/zero",
    "/proc/self/environ",
    "~/a.jpg",
    "C:\\windows\\a.jpg",
    "\\\\host\\share\\a.jpg",
    "out.jpg",
    "pipe.jpg",
    "loop.jpg",
    ".",
    "..",
    "a/" * 900 + "a.jpg",
    "x" * 300 + ".jpg",
    "a\0.jpg",
    "\x1b.jpg",
)
"""Places of an image."""

ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "cp1252",
    "latin-1",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
)


@dataclass(frozen=True)
class HostileTable:
    """One table, and what must become of it.

    Args:
        arguments: of ``vasari ingest``.
        good: the titles of the rows that must come through.
        may_be_refused: whether the table as a whole may be refused.
    """

    arguments: tuple[str, ...]
    good: frozenset[str]
    may_be_refused: bool


def make_hostile_table(reader: str, number: int, seed: int, folder: Path) -> HostileTable:
    """Write a table for a reader into an empty folder; the same for the same seed and number."""
    rng = random.Random(f"{seed} {reader} {number}")
    folder.mkdir(parents=True)
    for name in [f"good-{row}.png" for row in range(GOOD)]:
        draw(1, width=48, height=40).save(folder / name)
    (folder / "out.jpg").symlink_to("/etc/passwd")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    return {"csv": _csv, "nga": _nga, "wikiart": _wikiart}[reader](rng, folder)


def _wild(rng: random.Random) -> str:
    return rng.choice(WILD if rng.random() < 0.8 else PLACES)


def _hostile(rng: random.Random, columns: Sequence[str], places: Sequence[str]) -> list[str]:
    """Return a row with a wild value in some columns."""
    return [
        rng.choice(PLACES)
        if column in places and rng.random() < 0.6
        else _wild(rng)
        if rng.random() < 0.5
        else f"{column} {rng.randrange(100)}"
        for column in columns
    ]


def _raw_lines(rng: random.Random, delimiter: str) -> list[str]:
    """Return lines that are no rows."""
    return rng.sample(
        [
            f'a{delimiter}"open',
            f'"open{delimiter}a',
            f'a"b{delimiter}"c"d{delimiter}',
            delimiter * 60,
            "alone",
            "",
            " ",
            '"',
            "\0\0\0",
            "x" * 100_000,
            f"b{delimiter}" * 40,
        ],
        rng.randrange(4),
    )


def _text(rng: random.Random, rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Return rows as a CSV, the first as its header, with lines between them that are none."""
    ending = rng.choice(["\n", "\r\n", "\n", "\r"])
    lines = []
    for row in rows:
        out = StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="").writerow(row)
        lines.append(out.getvalue())
    for raw in _raw_lines(rng, delimiter):
        lines.insert(rng.randrange(1, len(lines) + 1), raw)
    return ending.join(lines) + rng.choice(["", ending, ending * 3])


def _mixed(
    rng: random.Random, good: Sequence[Sequence[str]], bad: Sequence[Sequence[str]]
) -> list[Sequence[str]]:
    rows = [*good, *bad]
    rng.shuffle(rows)
    return rows


def _encoded(rng: random.Random, text: str) -> bytes:
    encoding = rng.choice(ENCODINGS)
    if rng.random() >= 0.1:
        return text.encode(encoding, errors="replace")
    # On a line of their own: in UTF-16 two bytes are a letter.
    data = f"{text}\n".encode(encoding, errors="replace")
    data += rng.choice([b"\xff", b"\xed\xa0\x80", b"\x81\x8d", b"\0"])
    return data


def _spoilt(rng: random.Random, data: bytes) -> bytes:
    """Return a file of which nothing need be readable."""
    cut = rng.randrange(len(data))
    kind = rng.randrange(5)
    if kind == 0:
        return data[:cut]
    if kind == 1:
        return rng.randbytes(2000)
    if kind == 2:
        return b""
    if kind == 3:
        return b"PK\x03\x04" + data
    return data[:cut] + rng.randbytes(200) + data[cut:]


def _csv(rng: random.Random, folder: Path) -> HostileTable:
    columns = ["image", "title", "artist", "year", "genre", "note", "id"]
    rng.shuffle(columns)
    header = [column.upper() if rng.random() < 0.2 else column for column in columns]
    if rng.random() < 0.3:
        header += rng.choice([["note", "note"], ["", ""], ["\0\x1b"], ["x" * 3000]])
    good = [
        {"image": f"good-{row}.png", "title": f"Good {row}", "year": "1889", "id": f"g{row}"}
        for row in range(GOOD)
    ]
    rows = _mixed(
        rng,
        [[row.get(column, "") for column in header_of(header)] for row in good],
        [_hostile(rng, header, ["image"]) for _ in range(rng.randrange(1, 8))],
    )
    delimiter = rng.choice(",;\t|")
    titles = frozenset(row["title"] for row in good)
    if rng.random() < 0.2:
        return _parquet(rng, folder, header, rows, titles)
    data = _encoded(rng, _text(rng, [header, *rows], delimiter))
    spoilt = rng.random() < 0.2
    path = folder / rng.choice(["works.csv", "w\u00f6rks \u202e.csv", "works"])
    path.write_bytes(_spoilt(rng, data) if spoilt else data)
    return HostileTable(("csv", str(path)), frozenset() if spoilt else titles, spoilt)


def header_of(header: Sequence[str]) -> list[str]:
    """Return the columns that a header names, the first time that it names them."""
    names = [name.lower() for name in header]
    return [name if names.index(name) == place else "" for place, name in enumerate(names)]


def _parquet(
    rng: random.Random,
    folder: Path,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    titles: frozenset[str],
) -> HostileTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays: list[pa.Array] = [pa.array(list(values)) for values in zip(*rows, strict=True)]
    names = [name or "nameless" for name in header]
    extras: list[Callable[[int], pa.Array]] = [
        lambda n: pa.array([2**40] * n, pa.timestamp("s")),
        lambda n: pa.array([float("nan")] * n),
        lambda n: pa.array([b"\xff\0"] * n),
        lambda n: pa.array([[{"a": [None, "\0"]}]] * n),
        lambda n: pa.array([2**63 - 1] * n),
        lambda n: pa.array([-(2**31)] * n, pa.int32()).cast(pa.date32()),
    ]
    for extra in rng.sample(extras, 3):
        arrays.append(extra(len(rows)))
        names.append(f"extra {len(names)}")
    path = folder / "works.parquet"
    table = pa.Table.from_arrays(arrays, names=names)
    pq.write_table(table, path, row_group_size=rng.choice([3, 1000]))
    if spoilt := rng.random() < 0.3:
        path.write_bytes(_spoilt(rng, path.read_bytes()))
    return HostileTable(("csv", str(path)), frozenset() if spoilt else titles, spoilt)


def _nga(rng: random.Random, folder: Path) -> HostileTable:
    data = folder / "data"
    data.mkdir()
    ids = [str(number) for number in range(1, GOOD + 1)]
    good = {
        "objects": [
            {"objectid": key, "title": f"Good {key}", "classification": "Painting"} for key in ids
        ],
        "published_images": [
            {
                "uuid": f"good-{int(key) - 1}",
                "iiifurl": f"https://images.example/{key}",
                "viewtype": "primary",
                "openaccess": "1",
                "depictstmsobjectid": key,
            }
            for key in ids
        ],
        "objects_terms": [{"objectid": key, "termtype": "Style", "term": "Cubist"} for key in ids],
        "objects_constituents": [
            {"objectid": key, "constituentid": "7", "roletype": "artist"} for key in ids
        ],
        "constituents": [{"constituentid": "7", "forwarddisplayname": "Ada"}],
    }
    spoilt = rng.random() < 0.15
    spoilt_one = rng.choice(list(COLUMNS))
    for name, columns in COLUMNS.items():
        bad = [_hostile(rng, columns, ["iiifurl"]) for _ in range(rng.randrange(4))]
        for row in bad:
            _place_badly(rng, columns, row)
        rows = [[row.get(column, "") for column in columns] for row in good[name]]
        text = _text(rng, [columns, *_mixed(rng, rows, bad)], rng.choice(",,;\t"))
        written = _encoded(rng, text)
        if spoilt and name == spoilt_one:
            written = _spoilt(rng, written)
        (data / f"{name}.csv").write_bytes(written)
    arguments = ["nga", "--data", str(data)]
    if rng.random() < 0.5:
        arguments += ["--images", str(folder)]
    titles = frozenset() if spoilt else frozenset(f"Good {key}" for key in ids)
    return HostileTable(tuple(arguments), titles, spoilt)


def _place_badly(rng: random.Random, columns: Sequence[str], row: list[str]) -> None:
    """Have a bad row be of something, so that it is not merely passed over."""
    wanted = {
        "classification": "Painting",
        "viewtype": "primary",
        "openaccess": "1",
        "roletype": "artist",
        "objectid": str(rng.randrange(50, 60)),
        "depictstmsobjectid": str(rng.randrange(50, 60)),
        "constituentid": str(rng.randrange(50, 60)),
    }
    for name, value in wanted.items():
        if name in columns and rng.random() < 0.8:
            row[columns.index(name)] = value


def _wikiart(rng: random.Random, folder: Path) -> HostileTable:
    titles = frozenset(f"Good {row}" for row in range(GOOD))
    spoilt = rng.random() < 0.15
    if rng.random() < 0.5:
        columns = ["artist", "style", "genre", "file_name", "url", "note"]
        good = [["Ada", "Cubism", "still life", f"good-{row}.png", "", ""] for row in range(GOOD)]
        bad = [_hostile(rng, columns, ["file_name", "url"]) for _ in range(rng.randrange(1, 8))]
        text = _text(rng, [columns, *_mixed(rng, good, bad)], ",")
        data = _encoded(rng, text)
        (folder / "wikiart_art_pieces.csv").write_bytes(_spoilt(rng, data) if spoilt else data)
    else:
        style = folder / "Cubism"
        style.mkdir()
        for row in range(GOOD):
            (folder / f"good-{row}.png").rename(style / f"ada_good-{row}.png")
        (style / "ada_out.jpg").symlink_to("/etc/passwd")
        lines = [f"Cubism/ada_good-{row}.png,{row}" for row in range(GOOD)]
        lines += [f"{rng.choice(PLACES)},{_wild(rng)}" for _ in range(6)] + _raw_lines(rng, ",")
        rng.shuffle(lines)
        for name in ("genre_train.csv", "artist_val.txt", "genre_class.txt"):
            (folder / name).write_bytes(_encoded(rng, "\n".join(lines)))
        spoilt = False
    return HostileTable(("wikiart", str(folder)), frozenset() if spoilt else titles, spoilt)
