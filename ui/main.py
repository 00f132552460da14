"""The entry point of ``vasari``: Ctrl-C and the standard streams first, then the slow imports."""

import os
import signal
import sys


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(_say_interrupted()))
    _open_streams()
    from ui.interrupts import interrupts

    interrupts.install()
    from ui.cli import app

    app()


def _say_interrupted() -> int:
    if "--json" in sys.argv:
        os.write(1, b'{"error": "Interrupted."}\n')
    os.write(2, b"Interrupted.\n")
    return 130


def _open_streams() -> None:
    """Have all three standard streams be there.

    A file that is opened would otherwise take the number of one that is closed, and be written into
    by whatever prints.
    """
    closed = [number for number in (0, 1, 2) if not _is_open(number)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)
    if 2 in closed:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
    if 1 in closed:
        sys.stderr.write("Error: stdout is closed; send it to a file or to /dev/null\n")
        sys.exit(1)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
