"""What may happen to an exported folder on its way: damage, and what somebody else makes of it.

Each tampering changes one folder in place, as drawn. Those of ``SIGNED`` write the checksums and
sizes of what they have changed into the manifest, as whoever made the folder could.
"""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from embedders.weights.file_hash import file_sha256
from maintenance.moving.manifest import MANIFEST

Tampering = Callable[[Path, random.Random], None]

DEEP = "[" * 50_000 + "]" * 50_000

HOSTILE: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**31, 2**63, 10**30, 1.5, "", " ", "7", "\x1b]0;owned\x07",
    "a\0b", "\u202eevil", "a" * 100_000, "../x", "/etc/passwd", "[red]x[/nothing]", [], {}, [[]],
    {"a": 1}, "resnet50", "colour_grid", "00000000-0000-0000-0000-000000000000", DEEP,
)  # fmt: skip

HOSTILE_NAMES = (
    "../catalog.db", "/etc/passwd", "points/../../x", "points//x.parquet", "", ".",
    "points/\x1b[31m", "a" * 5_000, "models/../../x/model.json", "points\\x", "C:\\x",
    "points/part-0001.parquet", "/dev/zero", "models/x/model.json", "catalog/visions.parquet",
    "\u202e", "a/" * 400 + "b",
)  # fmt: skip


def files_of(folder: Path) -> list[str]:
    """Return the files that the manifest names and that are there."""
    return [
        name
        for name in json.loads((folder / MANIFEST).read_text())["files"]
        if (folder / name).is_file()
    ]


def sign(folder: Path) -> None:
    """Write the checksums and sizes of the files as they are now into the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text())
    for name in files_of(folder):
        manifest["files"][name] = file_sha256(folder / name)
        manifest["sizes"][name] = (folder / name).stat().st_size
    (folder / MANIFEST).write_text(json.dumps(manifest))


def rewrite(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the table of one file, and sign it."""
    pq.write_table(change(pq.ParquetFile(folder / name).read()), folder / name)
    sign(folder)


def with_column(table: pa.Table, column: str, values: list[Any]) -> pa.Table:
    """Return a table with other values in a column of the same type."""
    place = table.schema.get_field_index(column)
    field = table.schema.field(place)
    return table.set_column(place, field, pa.array(values, field.type))


def _drawn_file(folder: Path, chance: random.Random) -> Path:
    return folder / chance.choice([MANIFEST, *files_of(folder)])


def _flip(folder: Path, chance: random.Random) -> None:
    path = _drawn_file(folder, chance)
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 5, 50])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _truncate(folder: Path, chance: random.Random) -> None:
    path = _drawn_file(folder, chance)
    data = path.read_bytes()
    path.write_bytes(data[: chance.choice([0, 1, 4, len(data) // 2, len(data) - 1])])


def _swap(folder: Path, chance: random.Random) -> None:
    one, other = (folder / name for name in chance.sample(files_of(folder), 2))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def _remove(folder: Path, chance: random.Random) -> None:
    path = _drawn_file(folder, chance)
    path.unlink()
    if chance.random() < 0.3:
        path.mkdir()


def _add(folder: Path, chance: random.Random) -> None:
    name = chance.choice(
        ["points/part-0001.parquet", "models/x/model.json", "notes.txt", "catalog/x.parquet"]
    )
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_drawn_file(folder, chance), folder / name)
    if chance.random() < 0.5:
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["files"][name] = file_sha256(folder / name)
        (folder / MANIFEST).write_text(json.dumps(manifest))


def _link(folder: Path, chance: random.Random) -> None:
    path = folder / chance.choice(files_of(folder))
    target = chance.choice(["/etc/passwd", "/dev/zero", str(path), "elsewhere"])
    if target == "elsewhere":
        path.rename(path.with_name(target))
    else:
        path.unlink()
    path.symlink_to(target)


def _edit_manifest(folder: Path, chance: random.Random) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    inner: Any = manifest
    while True:
        key = chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        if isinstance(inner[key], dict | list) and inner[key] and chance.random() < 0.8:
            inner = inner[key]
            continue
        break
    if chance.random() < 0.3:
        del inner[key]
    else:
        inner[key] = chance.choice(HOSTILE)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def _name_files(folder: Path, chance: random.Random) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    name = chance.choice(list(manifest["files"]))
    sha256 = manifest["files"].pop(name) if chance.random() < 0.5 else manifest["files"][name]
    manifest["files"][chance.choice(HOSTILE_NAMES)] = sha256
    (folder / MANIFEST).write_text(json.dumps(manifest))


def _write_no_manifest(folder: Path, chance: random.Random) -> None:
    texts = ["", "{", "[]", "null", DEEP, '{"a":' * 50_000, '{"format": 1e999}', "\x00" * 100]
    (folder / MANIFEST).write_text(chance.choice(texts))


def _change_values(folder: Path, chance: random.Random) -> None:
    name = chance.choice([name for name in files_of(folder) if name.endswith(".parquet")])
    table = pq.ParquetFile(folder / name).read()
    column = chance.choice(table.schema.names)
    values = table.column(column).to_pylist()
    if values:
        place = chance.randrange(len(values))
        if isinstance(values[place], list):
            vector = values[place]
            vector[chance.randrange(len(vector))] = chance.choice(
                [float("nan"), float("inf"), 1e38, -1.0, 0.0]
            )
        else:
            values[place] = chance.choice(HOSTILE)
    try:
        changed = with_column(table, column, values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        changed = table.drop_columns([column])
    rewrite(folder, name, lambda _: changed)


def _reorder(folder: Path, chance: random.Random) -> None:
    name = chance.choice([name for name in files_of(folder) if name.endswith(".parquet")])
    table = pq.ParquetFile(folder / name).read()
    rows = list(range(table.num_rows))
    how = chance.choice(["twice", "lost", "column", "renamed", "more", "text"])
    column = chance.choice(table.schema.names)
    if how == "twice" and rows:
        table = table.take([*rows, chance.choice(rows)])
    elif how == "lost" and rows:
        table = table.take(rows[1:])
    elif how == "column":
        chance.shuffle(rows)
        table = with_column(table, column, table.column(column).take(rows).to_pylist())
    elif how == "renamed":
        names = [f"{name}_" if name == column else name for name in table.schema.names]
        table = table.rename_columns(names)
    elif how == "more":
        table = table.append_column("visions", pa.array([1] * table.num_rows))
    else:
        place = table.schema.get_field_index(column)
        table = table.set_column(place, column, pa.array(["x"] * table.num_rows))
    rewrite(folder, name, lambda _: table)


def _describe_models(folder: Path, chance: random.Random) -> None:
    descriptions = [name for name in files_of(folder) if name.endswith("model.json")]
    path = folder / chance.choice(descriptions)
    described = json.loads(path.read_text())
    described[chance.choice(list(described))] = chance.choice(HOSTILE)
    path.write_text(chance.choice([json.dumps(described), DEEP, "", json.dumps(described)]))
    sign(folder)


def _and_sign(tampering: Tampering) -> Tampering:
    def signed(folder: Path, chance: random.Random) -> None:
        before = (folder / MANIFEST).read_bytes()
        tampering(folder, chance)
        if not (folder / MANIFEST).is_file() or (folder / MANIFEST).read_bytes() != before:
            return
        sign(folder)

    return signed


DAMAGE: dict[str, Tampering] = {
    "bytes flipped": _flip,
    "truncated": _truncate,
    "files swapped": _swap,
    "a file removed": _remove,
    "a file added": _add,
    "a link": _link,
}
SIGNED: dict[str, Tampering] = {
    **{f"{name}, signed": _and_sign(damage) for name, damage in DAMAGE.items()},
    "manifest edited": _edit_manifest,
    "hostile names": _name_files,
    "no manifest": _write_no_manifest,
    "hostile values": _change_values,
    "other rows or columns": _reorder,
    "hostile models": _describe_models,
}
TAMPERINGS = DAMAGE | SIGNED
