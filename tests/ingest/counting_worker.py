"""A worker of which another process counts the passes: ``python -m tests.ingest.counting_worker``.

It is a machine of its own to all others, which hence cannot see whether it still runs: what it held
when it is killed is another's only when its lease has run out.
"""

import hashlib
import os
import socket
import sys
import time

from embedders import Embedder
from embedders.embedder import Pixels, Vectors
from ui.cli import app


def count_passes(file: str, *, seconds_a_picture: float) -> None:
    """Have each completed pass append a line for each picture: the model and the picture's hash."""
    log = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    real = Embedder.embed_with_features

    def counted(self: Embedder, batch: Pixels) -> dict[str, Vectors]:
        # The tiny models are done before anyone could be killed at work.
        time.sleep(seconds_a_picture * len(batch))
        vectors = real(self, batch)
        lines = [f"{self.name} {hashlib.sha256(picture).hexdigest()}\n" for picture in batch]
        os.write(log, "".join(lines).encode())
        return vectors

    Embedder.embed_with_features = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    machine, passes, seconds = sys.argv[1:4]
    socket.gethostname = lambda: machine
    count_passes(passes, seconds_a_picture=float(seconds))
    app(["worker", "--until-empty"])
