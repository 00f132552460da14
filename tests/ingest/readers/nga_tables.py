"""A small export as the National Gallery of Art publishes it, with made-up works."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

HEADERS = {
    "objects": "objectid,accessioned,accessionnum,locationid,title,displaydate,beginyear,endyear,"
    "visualbrowsertimespan,medium,dimensions,inscription,markings,attributioninverted,attribution,"
    "provenancetext,creditline,classification,subclassification,visualbrowserclassification,"
    "parentid,isvirtual,departmentabbr,portfolio,series,volume,watermarks,lastdetectedmodification,"
    "wikidataid,customprinturl",
    "published_images": "uuid,iiifurl,iiifthumburl,viewtype,sequence,width,height,maxpixels,"
    "openaccess,created,modified,depictstmsobjectid,assistivetext",
    "objects_terms": "termid,objectid,termtype,term,visualbrowsertheme,visualbrowserstyle",
    "objects_constituents": "objectid,constituentid,displayorder,roletype,role,prefix,suffix,"
    "displaydate,beginyear,endyear,country,zipcode",
    "constituents": "constituentid,ulanid,preferreddisplayname,forwarddisplayname,lastname,"
    "displaydate,artistofngaobject,beginyear,endyear,visualbrowsertimespan,nationality,"
    "visualbrowsernationality,constituenttype,wikidataid",
}
COLUMNS = {name: tuple(header.split(",")) for name, header in HEADERS.items()}

Rows = Sequence[Mapping[str, object]]


def painting(number: int, **facts: object) -> dict[str, object]:
    """Return the row of an object."""
    return {
        "objectid": number,
        "accessionnum": f"1937.1.{number}",
        "title": f"Work {number}",
        "classification": "Painting",
        "isvirtual": 0,
    } | facts


def image_of(number: int, **facts: object) -> dict[str, object]:
    """Return the row of an object's primary image."""
    return {
        "uuid": f"uuid-{number}",
        "iiifurl": f"https://images.example/iiif/uuid-{number}",
        "viewtype": "primary",
        "sequence": 0,
        "openaccess": 1,
        "modified": "2024-01-01",
        "depictstmsobjectid": number,
    } | facts


def write_export(folder: Path, **tables: Rows) -> Path:
    """Write the five tables, those that are not given without rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(tables.get(name, ()))
    return folder
