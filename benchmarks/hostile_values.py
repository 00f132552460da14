"""What hostile commands are given: unexpected values, mixed with ordinary ones."""

import os
import random
from pathlib import Path

from tests.pictures import ARTISTS, make_folder

LEFT_OUT = frozenset(
    {
        "serve",
        "ui",
        "demo",
        "--help",
        "--install-completion",
        "--show-completion",
        "--json",
        "--engine",
    }
)
"""Commands that serve until Ctrl-C, options that change the shell, and what starts a cluster."""

HOSTILE = (
    "", " ", "\n", "-", "-1", "0", "1", "2", "7", "1e309", "nan", "inf", "-inf", "0.5", "9" * 20,
    "-" + "9" * 20, "9" * 400, "1,2,3,4", "nan,nan,nan,nan", "0,0,1e308,1e308", "=", "a=", "=1",
    "resnet50=nan", "\x1b]0;owned\x07\x1b[31m", "\u202eevil", "[red]x[/nothing]", ":smile:", "%s%n",
    "{0.__class__}", "'; drop table artworks; --", "\udcff\udcfe", "z\udcff.csv",
    "a" * 5000, "/" + "a/" * 2500, "pictures/../" * 300, "dev-null", "dev-full",
    "dev-zero", "/proc/self/mem",
    "/proc/self/cmdline", "/proc/none", ".", "~", "~nobody-at-all/x", "nowhere/at/all", "fifo",
    "a picture.jpg", "ﷺ" * 50, "http://[::1", "https://127.0.0.1:1/x.jpg",
    "postgresql://a:b@127.0.0.1:1/c", "http://127.0.0.1:1", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
"""No path leads out of the place where the commands run, since they may be run by root."""

PLAUSIBLE = {
    "model": ("colour_grid", "edge_grid", "fusion", "auto", "resnet50", "resnet50_style"),
    "artist": ARTISTS,
    "label": ("style", "genre", "artist", "century"),
    "protocol": ("retrieval",),
    "source": ("folder",),
    "stage": ("read", "fetch", "decode", "embed"),
}


class Values:
    """Draws values, and lays out the files that some of them name."""

    def __init__(self, place: Path, work_ids: list[str], randomness: random.Random) -> None:
        self._place = place
        self._randomness = randomness
        pictures = ["pictures/images/000.jpg", "pictures/images/001.jpg"]
        files = ["empty.csv", "broken.jpg", "secret.csv", "loop", "folder", "readonly/x.json"]
        files += ["pictures", "pictures/works.csv", "new/place/x.json", "folder/new.html"]
        self._usual = [*work_ids, *pictures, *pictures, *files, "2", "5", "1900"]

    def draw(self, parameter: str) -> str:
        """Draw a value of a parameter."""
        roll = self._randomness.random()
        if roll < 0.4:
            return self._randomness.choice(HOSTILE)
        plausible = PLAUSIBLE.get(parameter.removeprefix("not_"))
        return self._randomness.choice(plausible or self._usual)

    def lay_out(self) -> None:
        """Write the files into the place where commands run."""
        place = self._place
        make_folder(place / "pictures", 3)
        for name in ("folder", "readonly"):
            (place / name).mkdir()
        (place / "readonly").chmod(0o500)
        (place / "empty.csv").touch()
        (place / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
        (place / "secret.csv").write_bytes(b"file,title\n\xff\xfe,\x1b[31m\n")
        (place / "secret.csv").chmod(0)
        (place / "loop").symlink_to("loop")
        for device in ("null", "full", "zero"):
            (place / f"dev-{device}").symlink_to(f"/dev/{device}")
        os.mkfifo(place / "fifo")
