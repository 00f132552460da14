"""What the cluster's file adds to the served deployment is as confined and as watched, and used.

No Docker is needed to read it. The proxy's and Grafana's files are read as text.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from search.index.server.connection import addresses_of
from settings import Settings

ROOT = Path(__file__).parents[1]
NODES = ("qdrant", "qdrant-2", "qdrant-3")


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads Compose's own tag, by which a list of the file before is dropped."""


_Loader.add_constructor("!reset", lambda loader, node: loader.construct_sequence(node))


@pytest.fixture(scope="module")
def base() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="module")
def cluster() -> dict[str, Any]:
    text = (ROOT / "docker-compose.cluster.yml").read_text()
    parsed: dict[str, Any] = yaml.load(text, _Loader)
    return parsed


@pytest.fixture(scope="module")
def services(base: dict[str, Any], cluster: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all services, each with what it is extended from."""
    found: dict[str, dict[str, Any]] = dict(base["services"])
    for name, service in cluster["services"].items():
        origin = service.get("extends", {}).get("service", name)
        inherited = base["services"].get(origin, {})
        environment = inherited.get("environment", {}) | service.get("environment", {})
        found[name] = inherited | service | {"environment": environment}
    return found


def test_every_part_that_a_cluster_adds_is_confined_and_watched(
    cluster: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    for name in cluster["services"]:
        service = services[name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert {"mem_limit", "cpus", "pids_limit"} <= service.keys(), name
        assert service["image"] == "vasari" or ":" in service["image"], name
        assert not service["image"].endswith(":latest"), name
        if name != "ingest":
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_vasari_knows_all_nodes_and_keeps_two_copies(services: dict[str, dict[str, Any]]) -> None:
    known = {f"VASARI_{name.upper()}" for name in Settings.model_fields}
    for name in ("app", "app-2", "ingest", "worker"):
        settings = services[name]["environment"]
        assert {key for key in settings if key.startswith("VASARI_")} <= known, name
        asked = [address.split("/")[2] for address in addresses_of(settings["VASARI_QDRANT_URL"])]
        assert asked == [f"{node}:6333" for node in NODES]
        assert settings["VASARI_QDRANT_REPLICAS"].endswith(":-2}")


def test_the_nodes_are_one_cluster_with_a_folder_each(services: dict[str, dict[str, Any]]) -> None:
    for node in NODES:
        assert services[node]["environment"]["QDRANT__CLUSTER__ENABLED"] == "true"
        _, *arguments = services[node]["command"]
        options = dict(zip(arguments[::2], arguments[1::2], strict=True))
        assert options["--uri"] == f"http://{node}:6335"
        assert options.get("--bootstrap") == (None if node == "qdrant" else "http://qdrant:6335")
        assert services[node]["volumes"] == [f"{node}:/qdrant/storage"]
    # Its shell hands the command on to the server.
    assert 'exec ./entrypoint.sh "$$@"' in services["qdrant"]["entrypoint"][-1]


def test_only_the_proxy_and_grafana_are_published_and_to_this_machine(
    services: dict[str, dict[str, Any]],
) -> None:
    published = {name for name, service in services.items() if service.get("ports")}
    assert published == {"proxy", "grafana"}
    assert services["grafana"]["ports"] == ["127.0.0.1:${VASARI_GRAFANA_PORT:-3000}:3000"]
    (address,) = services["proxy"]["ports"]
    assert address.startswith("${VASARI_PUBLISH_ADDRESS:-127.0.0.1}:")


def test_the_proxy_leads_to_both_pages_and_hides_what_is_for_operators() -> None:
    lines = [line.strip() for line in (ROOT / "deploy" / "proxy.conf").read_text().splitlines()]
    for page in ("app", "app-2"):
        assert f"server {page}:8501;" in lines
    assert "ip_hash;" in lines
    assert 'proxy_set_header X-Forwarded-User "";' in lines
    at = lines.index("location = /metrics {")
    assert lines[at + 1] == "return 404;"


def test_files_networks_secrets_and_variables_of_a_cluster_are_there(
    base: dict[str, Any], cluster: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    networks = {*base["networks"], *cluster["networks"]}
    secrets = {*base["secrets"], *cluster["secrets"]}
    volumes = {*base["volumes"], *cluster["volumes"]}
    for name, service in services.items():
        assert set(service["networks"]) <= networks, name
        for secret in service.get("secrets", ()):
            assert (secret if isinstance(secret, str) else secret["source"]) in secrets, name
        for mount in service.get("volumes", ()):
            if isinstance(mount, str):
                source = mount.partition(":")[0]
                assert source in volumes or (ROOT / source).exists(), (name, source)
    text = (ROOT / "docker-compose.cluster.yml").read_text()
    used = {part.partition("}")[0].partition(":")[0] for part in text.split("${")[1:]}
    used |= {secret["environment"] for secret in cluster["secrets"].values()}
    example = (ROOT / ".env.example").read_text()
    assert [name for name in sorted(used) if f"{name}=" not in example] == []
