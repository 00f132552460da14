"""The served deployment's file: no secret in it, nothing open that need not be, all of it watched.

No Docker is needed to read it. The health check of Qdrant is run as it is written, by the bash of
this machine, against a real server.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from .servers import postgres, qdrant
from .servers.process import free_ports
from .servers.qdrant import QdrantServer

ROOT = Path(__file__).parents[1]
SECRETS = ("POSTGRES_PASSWORD", "VASARI_QDRANT_API_KEY")


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


def test_every_secret_comes_from_outside_and_must_be_given(
    services: dict[str, dict[str, Any]],
) -> None:
    secret_variables = [
        (name, variable, value)
        for name, service in services.items()
        for variable, value in service["environment"].items()
        if any(word in variable for word in ("PASSWORD", "KEY", "DATABASE_URL"))
    ]
    assert {name for name, _, _ in secret_variables} == {"qdrant", "postgres", "app", "ingest"}
    for name, variable, value in secret_variables:
        assert any(f"${{{secret}:?" in value for secret in SECRETS), f"{name}: {variable}"


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
    staying = {name: service for name, service in services.items() if "profiles" not in service}
    assert set(staying) == {"qdrant", "postgres", "app"}
    for name, service in staying.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name


def test_what_a_service_needs_is_waited_for_until_it_is_healthy(
    services: dict[str, dict[str, Any]],
) -> None:
    assert set(services["app"]["depends_on"]) == {"qdrant", "postgres"}
    assert set(services["ingest"]["depends_on"]) == {"app"}
    for name in ("app", "ingest"):
        for needed in services[name]["depends_on"].values():
            assert needed == {"condition": "service_healthy"}


def test_the_images_are_the_ones_that_the_tests_run_where_docker_answers(
    services: dict[str, dict[str, Any]],
) -> None:
    assert services["qdrant"]["image"] == qdrant.IMAGE
    assert services["postgres"]["image"] == postgres.IMAGE


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
        for mount in service["volumes"]
        if isinstance(mount, str)
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
    assert ".env" in (ROOT / ".dockerignore").read_text().splitlines()


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
