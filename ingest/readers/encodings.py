"""How a text file is encoded, told from its bytes."""

import codecs
import re
from pathlib import Path
from typing import Final, NamedTuple

from ingest.readers.files import require_regular_file
from ingest.readers.reader import UnreadableSource

_BLOCK = 1 << 20  # bytes read at once where only the encoding is looked for

_MARKS: Final = (
    # The longer ones first: a mark of UTF-32 begins as one of UTF-16 does.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED: Final = (
    # What begins with a letter of ASCII, as the name of a column mostly does, or a quotation mark.
    (re.compile(rb"[\x01-\x7f]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\x01-\x7f]"), "utf-32-be"),
    (re.compile(rb"[\x01-\x7f]\0[\x01-\x7f]\0"), "utf-16-le"),
    (re.compile(rb"\0[\x01-\x7f]\0[\x01-\x7f]"), "utf-16-be"),
)
_NO_TEXT: Final = (
    (b"PK\x03\x04", "a workbook or another packed file"),
    (b"\xd0\xcf\x11\xe0", "an old workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3\0", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
AS_TEXT = "save the table as CSV in UTF-8"


class Encoding(NamedTuple):
    """How a file is encoded, and whether bytes of it are known not to be."""

    name: str
    damaged: bool = False


def find_encoding(path: Path) -> Encoding:
    """Return the encoding of a text file, reading it once.

    Decode with ``errors="replace"``: where a character is damaged, the row that has it is still
    to be read.

    Raises:
        OSError: it cannot be read.
        UnreadableSource: it holds no text.
    """
    require_regular_file(path)
    # Spreadsheets write UTF-16 or the system's code page where they are not told otherwise.
    undefined_in_cp1252 = False
    is_utf8 = True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(16)
        if encoding := _from_the_beginning(path, start):
            return Encoding(encoding)
        marked = start.startswith(codecs.BOM_UTF8)
        file.seek(0)
        while block := file.read(_BLOCK):
            undefined_in_cp1252 |= any(byte in block for byte in b"\x81\x8d\x8f\x90\x9d")
            is_utf8 = is_utf8 and _decodes(decoder, block)
    if is_utf8 and _decodes(decoder, b"", final=True):
        return Encoding("utf-8-sig")
    if marked or _is_mostly_utf8(path):
        return Encoding("utf-8-sig", damaged=True)
    return Encoding("latin-1" if undefined_in_cp1252 else "cp1252")


def _from_the_beginning(path: Path, start: bytes) -> str | None:
    for sign, kind in _NO_TEXT:
        if start.startswith(sign):
            raise UnreadableSource(f"{path} is {kind}, not a CSV: {AS_TEXT}")
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    return next((encoding for sign, encoding in _UNMARKED if sign.match(start)), None)


def _is_mostly_utf8(path: Path) -> bool:
    """Tell whether few of the letters beyond ASCII are damaged: of another encoding, most are."""
    damaged = others = 0
    with path.open(encoding="utf-8", errors="replace") as file:
        while block := file.read(_BLOCK):
            damaged += block.count("\N{REPLACEMENT CHARACTER}")
            others += len(_BEYOND_ASCII.findall(block))
    return damaged * 5 <= others


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
