"""The contract of a reader: what every source of works is read through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from errors import VasariError


class UnreadableSource(VasariError):
    """The source as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Option:
    """What the faces say of one parameter of a reader's constructor.

    Args:
        help: what it is for, in a sentence.
        flag: how it is given on the command line, where that is not the parameter's name.
        default: what is said of a default that its value does not tell.
    """

    help: str
    flag: str | None = None
    default: str | None = None


class Reader(Protocol):
    """Turns a source into records, one an artwork.

    Implementations inherit from it, and lie in a module of ``ingest.readers``: that is all it takes
    to become a command (``docs/how-to/add-a-source.md``). The constructor's parameters are the
    command's: those before the ``*`` its arguments, the others its options, each with a type and
    an :class:`Option`. It may refuse what it is given with :class:`UnreadableSource`, and reads
    nothing yet. The first line of the class's docstring is what the command's help says.

    Constructing a reader and reading may be repeated, and give the same records with the same ids
    in the same order, on any machine that has the same source.
    """

    name: str
    """The kind of source, such as ``folder``: a word in lower case, and the command's name."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the source was described by, as JSON values, for the job log."""
        raise NotImplementedError

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the source, making one record at a time.

        No two records have the same id. What cannot be a record is a failure of stage ``read``,
        whose reason is the same for the same cause and whose item says where to look.

        Raises:
            UnreadableSource: there is nothing to go through.
        """
        raise NotImplementedError

    @property
    def left_out(self) -> Mapping[str, int]:
        """What was skipped on purpose -> how often, known once the source has been read.

        Not failures: nothing is wrong with a drawing when paintings were asked for.
        """
        return {}

    def report_to(self, report: Callable[[str], None]) -> None:
        """Hear in words of what takes long, such as the fetching of tables."""
        return
