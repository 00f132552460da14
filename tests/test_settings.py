"""Where settings come from, and what is said of one that cannot be."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from deployment import Deployment
from settings import Settings
from ui.cli import app
from ui.settings_reading import SettingsUnreadable, read_destination, read_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that the environment names, with nothing in it."""
    made = tmp_path / "home"
    made.mkdir()
    monkeypatch.setenv("VASARI_HOME", str(made))
    return made


def test_a_file_in_the_working_directory_is_not_obeyed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("VASARI_ALLOW_PRIVATE_NETWORKS=true\nVASARI_TO_QDRANT_URL=u\n")
    monkeypatch.chdir(tmp_path)
    assert not read_settings().allow_private_networks
    assert read_destination(home).qdrant_url is None


def test_a_file_in_the_home_is_obeyed_but_cannot_move_the_home(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (home / ".env").write_text(f"VASARI_HOME={tmp_path}/other\nVASARI_BATCH_SIZE=7\n")
    assert (read_settings().home, read_settings().batch_size) == (home, 7)
    assert read_settings(tmp_path).batch_size == 32
    monkeypatch.delenv("VASARI_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    home.rename(tmp_path / ".vasari")
    settings = read_settings()
    assert (settings.home, settings.batch_size) == (tmp_path / ".vasari", 7)
    assert "home" not in settings.model_fields_set


def test_what_is_nearer_counts_more(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    monkeypatch.setattr("ui.settings_reading.SECRETS", secrets)
    named = tmp_path / "named"
    (secrets / "vasari_qdrant_alias").write_text("secret\n")
    assert read_settings().qdrant_alias == "secret"
    (home / ".env").write_text("VASARI_QDRANT_ALIAS=in-the-home\n")
    assert read_settings().qdrant_alias == "in-the-home"
    named.write_text("VASARI_QDRANT_ALIAS=named\nOTHER=1\n")
    assert read_settings(env_file=named).qdrant_alias == "named"
    monkeypatch.setenv("VASARI_QDRANT_ALIAS", "variable")
    assert read_settings(env_file=named).qdrant_alias == "variable"


def test_a_file_can_be_named_before_the_command(home: Path, tmp_path: Path) -> None:
    (tmp_path / "named").write_text("VASARI_BATCH_SIZE=0\n")
    result = CliRunner().invoke(app, ["--env-file", str(tmp_path / "named"), "jobs", "list"])
    assert result.exit_code == 1
    assert "VASARI_BATCH_SIZE" in result.stderr
    assert "VASARI_BATCH_SIZE" not in CliRunner().invoke(app, ["jobs", "list"]).stderr


def test_a_file_in_another_encoding_is_told_so_without_what_is_in_it(home: Path) -> None:
    (home / ".env").write_bytes("VASARI_DATABASE_URL=sécret".encode("latin-1"))
    with pytest.raises(SettingsUnreadable, match="UTF-8") as refused:
        read_settings()
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize("key", ["s3crét", "s3cret\n", "s3 cret", "s3cret\x00"])
def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it(
    key: str, home: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValidationError, match="ASCII") as refused:
        Settings(qdrant_api_key=key)  # type: ignore[arg-type]
    assert "s3" not in str(refused.value)


def test_what_is_wrong_with_a_secret_is_said_without_it(home: Path) -> None:
    result = CliRunner().invoke(
        app, ["index", "status"], env={"VASARI_QDRANT_API_KEY": "s3crét", "VASARI_QDRANT_URL": "x"}
    )
    assert result.exit_code == 1
    assert "VASARI_QDRANT_API_KEY" in result.stderr
    assert "s3cr" not in result.output


def test_blank_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QDRANT_URL", "QDRANT_API_KEY", "DATABASE_URL", "DATABASE_PASSWORD"):
        monkeypatch.setenv(f"VASARI_{name}", "")
        monkeypatch.setenv(f"VASARI_TO_{name}", " ")
    settings, to = read_settings(), read_destination(home)
    for read in (settings, to):
        assert not {
            read.qdrant_url,
            read.qdrant_api_key,
            read.database_url,
            read.database_password,
        } - {None}


def test_the_password_of_the_database_may_stand_by_itself(home: Path) -> None:
    address = SecretStr("postgresql://vasari@127.0.0.1:1/vasari")
    settings = Settings(database_url=address, database_password=SecretStr("s3/cr@et"))
    with Deployment(settings) as deployment:
        assert deployment.bare_database.engine.url.password == "s3/cr@et"
