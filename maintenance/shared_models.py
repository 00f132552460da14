"""A collection's own models where all its machines keep them; the home is a cache of that place.

``models/NAME.json`` there says which files a model is made of, each of which lies beside it as
``models/NAME.SHA256``. It is written last, so that a model that was sent in half is none. A model
that was deleted is one of no files; of which nothing is said, no machine deletes anything.
"""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedders import InvalidOwnModel, delete_own_model, read_own_models, require_own_name
from embedders.file_lock import take_lock
from embedders.own_models import DESCRIPTION, WEIGHTS
from embedders.registry import MODEL_NAME
from embedders.weights.file_hash import file_sha256, sha256_of
from errors import VasariError
from ingest.place import Place

_FOLDER = "models"
_MOST_BYTES = 10_000
"""Of what says what a model is made of, which takes some hundreds."""

_Kept = Literal["model.json", "weights.safetensors", "report.json", "report.html"]
"""All that is shared of a model: no path comes from the place."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class _Sent(BaseModel):
    """What a model is made of; of nothing where it was deleted."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    files: dict[_Kept, _Stored]


class SharedModels:
    """The folder of a collection's own models.

    Args:
        folder: made when there is a model to be put there.
        place: returns the place that all machines share, which is right where the two differ;
            ``None`` where there is none. Every method but ``follow`` raises what it does, and
            ``PlaceRefused``.

    Attributes:
        fault: why the folder could not be brought up to date the last time.
    """

    def __init__(self, folder: Path, place: Callable[[], Place | None]) -> None:
        self.folder = folder
        self.fault: str | None = None
        self._place = place

    def follow(self) -> dict[str, str]:
        """Fetch what others have made, and delete what they have deleted.

        Where the place does not answer nothing is deleted, and ``fault`` says so.

        Returns:
            The models that cannot be fetched, each with the reason.
        """
        self.fault, broken = None, {}
        try:
            if (place := self._place()) is None:
                return {}
            sizes = place.names(_FOLDER)
            for name in _names(sizes):
                try:
                    require_own_name(name)
                    self._follow(place, name, sizes)
                except InvalidOwnModel as error:
                    broken[name] = str(error)
        except (VasariError, OSError) as error:
            self.fault = f"own models are used as this home has them: {error}"
        return broken

    def files(self) -> set[str]:
        """Return the files that the shared place has of models, as paths within a home."""
        place, found = self._place(), set[str]()
        if place is not None:
            sizes = place.names(_FOLDER)
            for name in _names(sizes):
                with suppress(InvalidOwnModel):
                    sent = _read(place, name, sizes)
                    found |= {f"{_FOLDER}/{name}/{file}" for file in (sent.files if sent else ())}
        return found

    def send(self, name: str, description: Path | None = None, *, again: bool = False) -> None:
        """Bring a model to the shared place, or what there is of it that the place has not.

        Args:
            description: is about to become that of the model. Without one, a model that was
                deleted stays so, and what was described there is not described otherwise.
            again: files that should be there too, as they may be damaged.
        """
        place = self._place()
        if place is None or not MODEL_NAME.fullmatch(name):
            return
        sent = None
        with suppress(InvalidOwnModel):  # it is written anew
            sent = _read(place, name, place.names(_FOLDER))
        if description is None and sent is not None and not sent.files:
            return
        there: Mapping[_Kept, _Stored] = sent.files if sent else {}
        paths = {file: self.folder / name / file for file in get_args(_Kept)}
        paths[DESCRIPTION] = description or paths[DESCRIPTION]
        here = {file: _stored(path) for file, path in paths.items() if path.is_file()}
        files = here if description else {**there, **here, **_needed(there)}
        for file, stored in here.items():
            if stored == files[file] and (again or stored != there.get(file)):
                place.put(_address(name, stored), paths[file])
        if sent is None or files != there:
            _write(place, name, _Sent(files=files))

    def send_all(self) -> None:
        """Send whatever models there are, whole."""
        for model in read_own_models(self.folder)[0]:
            self.send(model.description.name, again=True)

    def delete(self, name: str) -> None:
        """Delete a model here, and have the others do so."""
        if (place := self._place()) is not None:
            _write(place, name, _Sent(files={}))
            for path in place.names(_FOLDER):
                if path.startswith(f"{_FOLDER}/{name}.") and not path.endswith(".json"):
                    place.remove(path)
        delete_own_model(self.folder, name)

    def _follow(self, place: Place, name: str, sizes: Mapping[str, int]) -> None:
        sent = _read(place, name, sizes)
        if sent is None:  # it has gone since they were listed
            return
        if not sent.files:
            if (self.folder / name / DESCRIPTION).exists():
                delete_own_model(self.folder, name)
        elif self._missing(name, sent):
            with take_lock(self.folder / ".fetching.lock"):
                self._fetch(place, name, self._missing(name, sent), sizes)

    def _missing(self, name: str, sent: _Sent) -> dict[_Kept, _Stored]:
        """Return what is to be fetched of a model, its description last."""
        folder = self.folder / name
        missing = {
            file: stored
            for file, stored in sent.files.items()
            if not _is_here(folder / file, stored)
        }
        missing.pop(DESCRIPTION, None)
        if missing or not _is_here(folder / DESCRIPTION, sent.files[DESCRIPTION]):
            missing[DESCRIPTION] = sent.files[DESCRIPTION]
        return missing

    def _fetch(
        self, place: Place, name: str, missing: Mapping[_Kept, _Stored], sizes: Mapping[str, int]
    ) -> None:
        folder = self.folder / name
        for file, stored in missing.items():
            address, to = _address(name, stored), _unverified(folder / file)
            is_as_long = sizes.get(address, stored.bytes) == stored.bytes
            if not (is_as_long and place.fetch(address, to) and _stored(to) == stored):
                to.unlink(missing_ok=True)
                raise _damaged(place, name, address)
        if WEIGHTS in missing:  # the former description is not theirs
            (folder / DESCRIPTION).unlink(missing_ok=True)
        for file in missing:
            _unverified(folder / file).replace(folder / file)


def _names(sizes: Mapping[str, int]) -> list[str]:
    """Return the models of which the place says something; no name in it is believed."""
    stems = [
        path.removeprefix(f"{_FOLDER}/")[: -len(".json")]
        for path in sizes
        if path.endswith(".json")
    ]
    return [stem for stem in stems if MODEL_NAME.fullmatch(stem)]


def _read(place: Place, name: str, sizes: Mapping[str, int]) -> _Sent | None:
    """Return what is said of a model. Raises InvalidOwnModel where that says nothing."""
    address = f"{_FOLDER}/{name}.json"
    if sizes.get(address, 0) > _MOST_BYTES:
        raise _damaged(place, name, address)
    data = place.read(address)
    if data is None:
        return None
    try:
        sent = _Sent.model_validate_json(data)
    except ValidationError:
        raise _damaged(place, name, address) from None
    if sent.files and DESCRIPTION not in sent.files:
        raise _damaged(place, name, address)
    return sent


def _write(place: Place, name: str, sent: _Sent) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(sent.model_dump_json())
        file.flush()
        place.put(f"{_FOLDER}/{name}.json", Path(file.name))


def _address(name: str, stored: _Stored) -> str:
    return f"{_FOLDER}/{name}.{stored.sha256}"


def _needed(files: Mapping[_Kept, _Stored]) -> dict[_Kept, _Stored]:
    return {file: stored for file, stored in files.items() if file in (DESCRIPTION, WEIGHTS)}


def _stored(path: Path) -> _Stored:
    return _Stored(sha256=file_sha256(path), bytes=path.stat().st_size)


def _is_here(path: Path, stored: _Stored) -> bool:
    with suppress(OSError, VasariError):
        # Remembered while the file stays the same: weights are large, and this is asked often.
        return path.stat().st_size == stored.bytes and sha256_of(path, path.parent) == stored.sha256
    return False


def _unverified(path: Path) -> Path:
    return path.with_name(f".{path.name}.unverified")


def _damaged(place: Place, name: str, address: str) -> InvalidOwnModel:
    return InvalidOwnModel(
        f"{place.path(address)} is damaged or missing: `vasari reconcile --fix` on a machine that "
        f"has {name} sends it again"
    )
