"""Names of artists as sources write them: what of them is the name, and how it sounds.

A name is compared in two ways. Within one script its letters must agree, but for accents, case and
punctuation. Across scripts it is the sound that must: "Поль Гоген" and "Paul Gauguin" have not a
letter in common. Sounds are consonants, since vowels are what spellings of one name differ in most.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

_PARTICLES = """
af av da dal dalla de degli dei del della den der di do dos du el en la las le les lo los of op ten
ter the tot van vande vander von y zu zum zur
"""

PARTICLES = frozenset(_PARTICLES.split())
"""Words between names, which one source writes and another leaves out."""

_RANKS = {
    "elder": "elder",
    "younger": "younger",
    "older": "elder",
    "sr": "elder",
    "jr": "younger",
    "vecchio": "elder",
    "giovane": "younger",
    "starshii": "elder",
    "mladshii": "younger",
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
}
"""What sets apart persons of one name."""

_QUALIFIED = re.compile(
    r"\b(after|attr|attributed|bottega|circle|cerchia|copia|copy|da|follower|imitator|manner|master"
    r"|maniera|maestro|pupil|school|scuola|studio|style|unknown|anonymous|workshop|century)\b",
    re.IGNORECASE,
)
_UNSIGNED = re.compile(
    r"\b(anonymous|unknown|century|workshop|follower|circle of|school of|attributed|after)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\s(?:and|or|o|und|et|und|и|или)\s|[&;/]", re.IGNORECASE)
_CALLED = re.compile(r"\s(?:detto|detta|called|genannt|dit|gen\.)\s", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_YEARS = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-2][0-9])(?!\d)")


@dataclass(frozen=True)
class Name:
    """A name as it can be compared.

    Args:
        words: its parts in the order given, in plain Latin letters; particles left out.
        surname: the last of them, run together with the particles before it: "vangogh".
        called: the same of a name that the artist is known by ("detto Guercino").
        rank: what sets them apart from others of the name: "elder", "2"; ``None`` where nothing.
        born, died: years that stand beside the name.
        script: "latin", "cyrillic", or another; that of the first letter.
        of_a_place: a first name with particles after it, such as "Leonardo da Vinci", by which
            alone the artist may be called.
        several: it names more persons than one.
        qualified: it says that the work is not, or perhaps not, by the artist's own hand.
    """

    words: tuple[str, ...]
    surname: str
    called: tuple[str, ...]
    rank: str | None
    born: int | None
    died: int | None
    script: str
    of_a_place: bool
    several: bool
    qualified: bool


def name_key(text: str) -> str:
    """Return what two spellings of one name in one script have in common.

    Without accents, case, punctuation and hyphens: "Jean-Honoré Fragonard" and "Jean Honore
    Fragonard" have one key, and "Fragonard, Jean-Honoré" has another.
    """
    plain = "".join(_plain(letter) for letter in unicodedata.normalize("NFKD", text))
    return " ".join(re.sub(r"[^\w]+|_", " ", plain.casefold()).split())


@lru_cache(50_000)
def parse_name(text: str) -> Name:
    """Part a name into what can be compared."""
    brackets = [found.group(1) for found in _BRACKETED.finditer(text)]
    bare = _BRACKETED.sub(" ", text)
    parts = _CALLED.split(bare)
    years = [int(year) for part in brackets for year in _YEARS.findall(part)]
    words, surname, rank = _words(parts[0])
    called = _words(parts[1]) if len(parts) > 1 else ((), "", None)
    remarks = [part for part in brackets if not _YEARS.search(part)]
    return Name(
        words=words,
        surname=surname,
        called=called[0],
        rank=rank or called[2],
        born=years[0] if len(years) == 2 else None,
        died=years[-1] if len(years) == 2 else None,
        script=_script(text),
        of_a_place=len(words) == 2 and surname != words[-1],
        several=bool(_SEVERAL.search(bare)) or (len(brackets) > 1 and len(years) > 2),
        qualified=any(map(_QUALIFIED.search, remarks)) or bool(_UNSIGNED.search(bare)),
    )


_SPELLINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # Longest first; each is read as any of its sounds. Capitals are consonants: Z is any of zh, sh,
    # ch and j, S also z and ts, K also q and hard c. What has no sounds here is read as it stands.
    (r"eaux?$|aux$|ault$|aud$|auld$", ("o",)),
    (r"shch|tsch|tch|dzh|dg(?=[eiy])", ("Z",)),
    (r"sch", ("Z", "SK")),
    (r"ch", ("Z", "K")),
    (r"kh", ("K", "")),
    (r"zh|sh", ("Z",)),
    (r"gh", ("G", "")),
    (r"ph", ("F",)),
    (r"th", ("T",)),
    (r"ts|tz|zz", ("S",)),
    (r"ti(?=[aou])", ("Si", "Ti")),
    (r"gg(?=[eiy])", ("Z",)),
    (r"gu(?=[eiy])", ("G",)),
    (r"g(?=[eiy])", ("Z", "G")),
    (r"gn", ("N", "GN")),
    (r"cc(?=[eiy])", ("Z", "KS")),
    (r"c(?=[eiy])", ("S", "Z")),
    (r"ck|cq|cc|kk|qu", ("K",)),
    (r"x", ("KS", "")),
    (r"j", ("Z", "i")),
    (r"w", ("F", "u")),
    (r"[ckq]", ("K",)),
    (r"[sz]", ("S",)),
    (r"[fv]", ("F",)),
    (r"[dt]", ("T",)),
    (r"[bp]", ("P",)),
    (r"g", ("G",)),
    (r"l", ("L",)),
    (r"m", ("M",)),
    (r"n", ("N",)),
    (r"r", ("R",)),
    (r"eau", ("o",)),
    (r"au", ("o", "au")),
    (r"ou", ("u", "o")),
    (r"oi", ("ua", "oi")),
    (r"ai|ei", ("e", "ai")),
    (r"eu|oe|ae|ue", ("e", "u")),
    (r"e$", ("", "e")),
    (r"y", ("i",)),
    (r"[aeiou]", ()),
    (r".", ("",)),
)
_SOUNDS = [(re.compile(pattern), heard) for pattern, heard in _SPELLINGS]
_MOST_READINGS = 64
_MAY_BE_SILENT = ("s", "t", "d", "x", "z")


@lru_cache(30_000)
def readings(word: str) -> frozenset[str]:
    """Return how a word may be read, in any of the languages that painters had.

    Consonants are capitals, vowels small letters. The last consonant may be silent, as in French.
    """
    read = {""}
    place = 0
    while place < len(word):
        found, heard = next(
            (found, heard)
            for pattern, heard in _SOUNDS
            if (found := pattern.match(word, place)) is not None
        )
        place = found.end()
        read = {before + sound for before in read for sound in heard or (found[0],)}
        read = set(sorted(read)[:_MOST_READINGS])
    full = {re.sub(r"(.)\1+", r"\1", reading) for reading in read}
    if word.endswith(_MAY_BE_SILENT):
        full |= {re.sub("[ST]$", "", reading) for reading in full}
    return frozenset(full)


@lru_cache(30_000)
def sounds(word: str) -> frozenset[str]:
    """Return the consonants of a word's readings."""
    return frozenset(map(consonants, readings(word))) - {""}


def consonants(reading: str) -> str:
    """Return the consonants of a reading; equal ones that meet count once."""
    return re.sub(r"(.)\1+", r"\1", re.sub("[a-z]", "", reading))


def _words(text: str) -> tuple[tuple[str, ...], str, str | None]:
    """Return the words of a name in Latin letters, its surname, and its rank."""
    words: list[str] = []
    particles, surname, rank = "", "", None
    for word in name_key(re.sub(r"['’‘`´]", "", text)).split():
        latin = re.sub(r"[^a-z0-9]", "", anyascii(word).casefold())
        if latin in _RANKS and words:
            rank = _RANKS[latin]
        elif latin in PARTICLES:
            particles += latin
        elif latin:
            words.append(latin)
            surname, particles = particles + latin, ""
    return tuple(words), surname, rank


def _plain(letter: str) -> str:
    if unicodedata.combining(letter):
        return ""
    # Letters such as ø and ł, which have no accent to take off.
    return anyascii(letter) if _script(letter) == "latin" and ord(letter) > 127 else letter


def _script(text: str) -> str:
    for letter in text:
        if letter.isalpha():
            return unicodedata.name(letter, "other").split()[0].lower()
    return "none"
