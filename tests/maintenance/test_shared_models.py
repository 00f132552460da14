"""Two homes and one store: a model that one machine makes or deletes is one, or none, on all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from deployment import Deployment
from embedders import BUILT_IN, UnknownModel, fine_tuned, read_own_models, save_own_model
from embedders.own_models import weights_path
from evaluation.labels import Label
from ingest.job import ingest
from ingest.place import Place, PlaceUnreachable
from ingest.readers.folder import FolderReader
from maintenance.moving.fill import fill
from maintenance.moving.origin import MoveRefused
from maintenance.own_models import remove_model
from maintenance.shared_models import SharedModels
from settings import Settings
from tests.maintenance.moving.conftest import collection, fill_with_everything
from training.fit_projection import ProjectionSpec, fit_projection
from ui.cli import app

NAME = "tuned"


@pytest.fixture
def memory(tmp_path: Path) -> Place:
    """A place that is neither a folder nor anybody else's."""
    return Place(f"memory://models-{tmp_path.name}")


@pytest.fixture
def machines(memory: Place, tmp_path: Path) -> tuple[SharedModels, SharedModels]:
    """The folders of two machines."""
    one, other = (SharedModels(tmp_path / name / "models", lambda: memory) for name in "ab")
    return one, other


def _make(models: SharedModels, *, title: str = "Tuned", weights: bytes = b"weights") -> None:
    weights_path(models.folder, NAME).parent.mkdir(parents=True, exist_ok=True)
    weights_path(models.folder, NAME).write_bytes(weights)
    parent = BUILT_IN.describe("colour_grid")
    described = fine_tuned(
        models.folder, parent, name=NAME, title=title, network=parent.network, dimension=192
    )
    save_own_model(models.folder, described, about={}, share=models.send)


def _titles(models: SharedModels) -> list[str]:
    own, broken = read_own_models(models.folder)
    assert not broken
    return [model.description.title for model in own]


def _files(models: SharedModels) -> dict[str, bytes]:
    folder = models.folder / NAME
    return {path.name: path.read_bytes() for path in folder.glob("*") if path.is_file()}


def _put(place: Place, name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "put").write_bytes(data)
    place.put(name, tmp_path / "put")


def _content(place: Place, data: bytes) -> str:
    return next(name for name in place.names("models") if place.read(name) == data)


def _away(*_: object) -> None:
    raise PlaceUnreachable("the store is away")


def test_a_model_is_fetched_whole_and_again_when_it_is_made_anew(
    machines: tuple[SharedModels, SharedModels],
) -> None:
    one, other = machines
    _make(one)
    (one.folder / NAME / "report.json").write_text("{}")
    (one.folder / NAME / "training").mkdir()
    assert other.follow() == {}
    assert _files(other).keys() == {"model.json", "weights.safetensors"}
    one.send(NAME)
    assert other.follow() == one.follow() == {}
    assert _files(other) == _files(one)
    assert len(_files(one)) == 3
    _make(one, title="Better", weights=b"others!")
    other.send(NAME)  # it knows of no better one yet
    assert other.follow() == {}
    assert _titles(other) == ["Better"]
    assert _files(other) == _files(one)
    assert not list(other.folder.rglob("*.unverified"))


@pytest.mark.parametrize("sent", range(3))
def test_a_model_that_was_sent_in_part_is_none_on_any_machine(
    machines: tuple[SharedModels, SharedModels], monkeypatch: pytest.MonkeyPatch, sent: int
) -> None:
    one, other = machines
    put, left = Place.put, iter(range(sent))

    def killed(place: Place, name: str, written: Path) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        put(place, name, written)

    with monkeypatch.context() as patched:
        patched.setattr(Place, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            _make(one)
    assert other.follow() == one.follow() == {}
    assert _titles(other) == _titles(one) == []
    _make(one)
    assert other.follow() == {}
    assert _titles(other) == ["Tuned"]


def test_a_machine_that_is_killed_while_it_fetches_has_the_former_model_or_none(
    machines: tuple[SharedModels, SharedModels], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = machines
    _make(one)
    other.follow()
    _make(one, title="Better", weights=b"others!")
    replace = Path.replace

    def killed_at(name: str) -> None:
        def replaced(path: Path, to: Path) -> Path:
            if to.name == name:
                raise KeyboardInterrupt
            return replace(path, to)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", replaced)
            with pytest.raises(KeyboardInterrupt):
                other.follow()

    killed_at(".model.json.unverified")
    assert (_titles(other), _files(other)["weights.safetensors"]) == (["Tuned"], b"weights")
    for name in ("weights.safetensors", "model.json"):
        killed_at(name)
        assert _titles(other) == []
    other.follow()
    assert (_titles(other), _files(other)["weights.safetensors"]) == (["Better"], b"others!")


@pytest.mark.parametrize("damage", [b"weightz", b"weights and more"])
def test_a_damaged_file_is_refused_by_name_and_sent_again_by_reconcile(
    machines: tuple[SharedModels, SharedModels], memory: Place, tmp_path: Path, damage: bytes
) -> None:
    one, other = machines
    _make(one)
    name = _content(memory, b"weights")
    _put(memory, name, damage, tmp_path)
    broken = other.follow()
    assert list(broken) == [NAME]
    assert name in broken[NAME]
    assert "vasari reconcile --fix" in broken[NAME]
    assert _titles(other) == []
    assert one.follow() == {}
    one.send_all()
    assert other.follow() == {}
    assert _files(other) == _files(one)


def test_a_model_that_was_deleted_is_deleted_everywhere_and_stays_so_until_it_is_made_anew(
    machines: tuple[SharedModels, SharedModels], memory: Place
) -> None:
    one, other = machines
    _make(one)
    other.follow()
    one.delete(NAME)
    assert list(memory.names("models")) == [f"models/{NAME}.json"]
    other.send_all()  # it has not heard yet
    other.send(NAME)
    assert other.follow() == one.follow() == {}
    assert _titles(other) == _titles(one) == []
    assert not (other.folder / NAME).exists()
    _make(other)
    assert one.follow() == {}
    assert _titles(one) == ["Tuned"]


def test_a_store_that_is_away_or_has_lost_all_deletes_nothing(
    machines: tuple[SharedModels, SharedModels], memory: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = machines
    _make(one)
    other.follow()
    for what in ("names", "read"):
        with monkeypatch.context() as away:
            away.setattr(Place, what, _away)
            assert other.follow() == {}
            assert other.fault is not None
            assert "the store is away" in other.fault
            assert _titles(other) == ["Tuned"]
    for name in memory.names("models"):
        memory.remove(name)
    assert other.follow() == {}
    assert other.fault is None
    assert _titles(other) == ["Tuned"]
    other.send_all()
    assert SharedModels(other.folder.parent / "third", lambda: memory).follow() == {}
    assert _titles(SharedModels(other.folder.parent / "third", lambda: memory)) == ["Tuned"]


def test_what_cannot_be_shared_is_not_made_here_either(
    machines: tuple[SharedModels, SharedModels], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = machines
    with monkeypatch.context() as away:
        away.setattr(Place, "put", _away)
        with pytest.raises(PlaceUnreachable):
            _make(one)
    assert _titles(one) == []
    _make(one)
    with monkeypatch.context() as away:
        away.setattr(Place, "put", _away)
        with pytest.raises(PlaceUnreachable):
            one.delete(NAME)
    assert _titles(one) == ["Tuned"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside", "{}"),
        ("Outside", "{}"),
        ("outside/outside", "{}"),
        ("outside", "[]"),
        ("outside", '{"files": {"../../outside": SOME}}'),
        ("outside", '{"files": {"weights.safetensors": SOME}}'),
        ("outside", '{"files": {"model.json": {"sha256": "../outside", "bytes": 2}}}'),
        ("outside", '{"files": {"model.json": {"sha256": "AA", "bytes": -1}}}'),
        ("outside", '{"files": {}' + " " * 20_000 + "}"),
        ("resnet50", '{"files": {"model.json": SOME}}'),
    ],
)
def test_what_a_store_says_is_not_believed(
    machines: tuple[SharedModels, SharedModels], memory: Place, tmp_path: Path, name: str, said: str
) -> None:
    one, _ = machines
    _make(one)
    sha256 = _content(memory, b"weights").rpartition(".")[2]
    said = said.replace("SOME", f'{{"sha256": "{sha256}", "bytes": 7}}')
    _put(memory, f"models/{name}.json", said.encode(), tmp_path)
    _put(memory, f"models/{name}.{sha256}", b"weights", tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    broken = one.follow()
    assert broken.keys() <= {name}
    assert bool(broken) == (name in ("outside", "resnet50"))
    assert {path for path in tmp_path.rglob("*") if path.is_file()} <= before | set(
        (one.folder / NAME).rglob("*")
    )
    assert one.fault is None
    assert _titles(one) == ["Tuned"]


@pytest.fixture
def opened(tiny_settings: Settings, tmp_path: Path) -> Callable[[str], Deployment]:
    """Opens homes by name that share a store."""
    store = SecretStr(f"file://{tmp_path / 'store'}")

    def open_home(name: str) -> Deployment:
        return Deployment(
            tiny_settings.model_copy(update={"store_url": store, "home": tmp_path / name})
        )

    return open_home


def test_a_model_that_is_asked_for_in_an_outage_says_so(
    opened: Callable[[str], Deployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened("one") as one, opened("other") as other:
        with pytest.raises(UnknownModel, match=r"there is no model 'tuned'\. Known"):
            other.embedder(NAME)
        with monkeypatch.context() as away:
            away.setattr(Place, "names", _away)
            with pytest.raises(UnknownModel, match="the store is away"):
                other.embedder(NAME)
        _make(one.shared_models)
        other.look_for_own_models()
        assert NAME in other.registry


def test_a_mistyped_home_is_not_filled_from_the_store(
    opened: Callable[[str], Deployment],
) -> None:
    with opened("one") as one:
        _make(one.shared_models)
        elsewhere = one.settings.model_copy(update={"home": one.settings.home.parent / "typo"})
    with Deployment(elsewhere, create=False):
        assert not elsewhere.home.exists()


@pytest.mark.slow
def test_a_collection_that_is_brought_back_beside_its_store_shares_its_models_again(
    opened: Callable[[str], Deployment], pictures: Path, tmp_path: Path
) -> None:
    with opened("one") as one:
        fill_with_everything(one, pictures)
        _make(one.shared_models)
        theirs = tmp_path / "store" / "models"
        for kept in theirs.glob("colours_by_hand.*"):
            kept.unlink()
        # What came after the backup is no other collection's.
        later = one.settings.model_copy(update={"home": tmp_path / "later"})
        with Deployment(later) as newer:
            other = BUILT_IN.describe("colour_grid")
            made = fine_tuned(
                newer.models_dir, other, name="later", title="L", network="n", dimension=2
            )
            save_own_model(newer.models_dir, made, about={}, share=newer.share_own_model)
        with opened("back") as back:
            assert "later" in back.registry
            fill(collection(back), collection(one))
            back.look_for_own_models()
            assert {"later", NAME, "colours_by_hand"} <= {
                model.description.name for model in read_own_models(back.models_dir)[0]
            }
            assert (theirs / "colours_by_hand.json").exists()
        with opened("stranger") as stranger:
            foreign = stranger.models_dir / "foreign" / "model.json"
            foreign.parent.mkdir(parents=True)
            foreign.write_text("{}")
            with pytest.raises(MoveRefused, match="foreign"):
                fill(collection(stranger), collection(one))


def _told(settings: Settings, *arguments: str, code: int = 0) -> Any:
    secrets = {"VASARI_STORE_URL": settings.store_url, "VASARI_DATABASE_URL": settings.database_url}
    environment = {
        "VASARI_HOME": str(settings.home),
        "VASARI_MODELS": ",".join(settings.models),
        "VASARI_QDRANT_URL": settings.qdrant_url,
        "VASARI_QDRANT_ALIAS": settings.qdrant_alias,
        **{name: value.get_secret_value() if value else None for name, value in secrets.items()},
    }
    result = CliRunner().invoke(app, [*arguments, "--json"], env=environment)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.mark.slow
def test_another_machine_searches_by_a_projection_that_this_one_fitted_and_deletes_it(
    served_settings: Settings, pictures: Path, tmp_path: Path
) -> None:
    store = SecretStr(f"file://{tmp_path / 'store'}")
    here = served_settings.model_copy(update={"store_url": store})
    there = here.model_copy(update={"home": tmp_path / "other"})
    with Deployment(here) as one, Deployment(there) as other:
        ingest(FolderReader(pictures), one.ingest_context([one.embedder("colour_grid")]))
        spec = ProjectionSpec(label=Label.STYLE, model="colour_grid", folds=3)
        fitted = fit_projection(one, spec)
        assert "style_lda" not in other.registry
        assert other.embedder("style_lda").description == fitted.description
        picture = str(pictures / "images" / "005.jpg")
        answer = _told(there, "search", picture, "--model", "style_lda", "--top", "3")
        first = answer["models"]["style_lda"]["hits"][0]
        assert first["cosine"] == pytest.approx(1, abs=1e-4)
        again = ("fit-projection", "--label", "style", "--model", "colour_grid", "--folds", "3")
        report = _told(here, *again)
        (own,) = _told(there, "models")["own"]
        assert own["folder"] == str(there.home / "models" / "style_lda")
        assert json.loads(Path(own["folder"], "report.json").read_text()) == report
        remove_model(other.database, other.index, other.shared_models, "style_lda")
        one.look_for_own_models()
        assert "style_lda" not in one.registry
        assert _told(here, "models")["own"] == []
