"""What watches over a deployment: a real Prometheus, its alerts, and the dashboard of Grafana."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml  # type: ignore[import-untyped]
from pydantic import SecretStr

from settings import Settings
from tests.alert_series import ALERTS, MINUTES, Series
from tests.conftest import TINY_MODELS
from tests.pictures import draw, facts, make_folder, write_table
from tests.servers import ServerUnavailable
from tests.servers.postgres import PostgresServer
from tests.servers.process import free_ports
from tests.servers.prometheus import PrometheusServer, installed, running_prometheus
from tests.servers.qdrant import QdrantServer, qdrant_cluster
from tests.ui.test_cli import Vasari

ROOT = Path(__file__).resolve().parents[1]
CONFIG, RULES, DASHBOARD = (
    ROOT / "deploy" / name for name in ("prometheus.yml", "alerts.yml", "grafana-dashboard.json")
)
PATIENCE_SECONDS = 60.0
KEY, READING_KEY = "key-of-the-cluster", "key-that-only-reads"

_SOURCE = {
    "type": "object",
    "required": ["type", "uid"],
    "properties": {"type": {"const": "prometheus"}, "uid": {"const": "${source}"}},
}
_WHOLE = {"type": "integer", "minimum": 0}
SHAPE = {
    "type": "object",
    "required": ["title", "uid", "schemaVersion", "time", "templating", "panels"],
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "uid": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "id": {"type": "null"},  # Grafana's own, which another one's dashboard must not bring
        "templating": {
            "required": ["list"],
            "properties": {"list": {"items": {"required": ["name", "type", "query"]}}},
        },
        "panels": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "type", "title", "gridPos"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "type": {"enum": ["row", "stat", "timeseries"]},
                    "title": {"type": "string", "minLength": 1},
                    "gridPos": {
                        "required": ["x", "y", "w", "h"],
                        "properties": {
                            "x": _WHOLE | {"maximum": 23},
                            "y": _WHOLE,
                            "w": {"type": "integer", "minimum": 1, "maximum": 24},
                            "h": {"type": "integer", "minimum": 1},
                        },
                    },
                },
                "if": {"properties": {"type": {"const": "row"}}},
                "else": {
                    "required": ["datasource", "fieldConfig", "targets"],
                    "properties": {
                        "datasource": _SOURCE,
                        "fieldConfig": {"required": ["defaults", "overrides"]},
                        "targets": {
                            "minItems": 1,
                            "items": {
                                "required": ["refId", "datasource", "expr"],
                                "properties": {
                                    "datasource": _SOURCE,
                                    "expr": {"type": "string", "minLength": 1},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return found


@pytest.fixture(scope="module")
def rules() -> dict[str, dict[str, Any]]:
    """The alerts by name."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@pytest.fixture
def promtool() -> Callable[..., str]:
    """Promtool; what it says is returned where it finds nothing wrong."""
    try:
        program = installed("promtool")
    except ServerUnavailable as reason:
        pytest.skip(str(reason))

    def run(*arguments: str | Path) -> str:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_dashboard_has_the_shape_that_grafana_demands(dashboard: dict[str, Any]) -> None:
    jsonschema.validate(dashboard, SHAPE)
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        apart = [
            one[start] + one[size] <= other[start] or other[start] + other[size] <= one[start]
            for start, size in (("x", "w"), ("y", "h"))
        ]
        assert any(apart), (one, other)
    names = {variable["name"] for variable in dashboard["templating"]["list"]}
    asked = set(re.findall(r"\$\{?(\w+)", DASHBOARD.read_text())) - {"__rate_interval"}
    assert asked == names


def test_prometheus_takes_its_configuration_and_the_rules(promtool: Callable[..., str]) -> None:
    promtool("check", "config", "--syntax-only", CONFIG)
    promtool("check", "rules", RULES)


def test_each_alert_says_what_is_wrong_and_what_to_do(rules: dict[str, dict[str, Any]]) -> None:
    settings = {f"VASARI_{name}".upper() for name in Settings.model_fields}
    deployed = set(re.findall(r"VASARI_\w+", (ROOT / ".env.example").read_text()))
    for name, rule in rules.items():
        said = rule["annotations"]
        assert said.keys() == {"summary", "action"}, name
        assert rule["labels"]["severity"] in ("warning", "critical"), name
        assert set(re.findall(r"VASARI_\w+", said["action"])) <= settings | deployed, name
    operating = (ROOT / "docs" / "how-to" / "operate.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", operating, re.MULTILINE) == list(rules)


def test_every_alert_is_tested(rules: dict[str, dict[str, Any]]) -> None:
    assert list(rules) == list(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_fires_when_it_has_to_and_only_then(
    alert: str, promtool: Callable[..., str], tmp_path: Path
) -> None:
    fires = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'

    def world(series: Series, expected: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "interval": "1m",
            "input_series": [{"series": name, "values": text} for name, text in series.items()],
            "promql_expr_test": [
                {"expr": fires, "eval_time": f"{MINUTES}m", "exp_samples": expected}
            ],
        }

    case = ALERTS[alert]
    worlds = [world(series, [{"labels": "{}", "value": 1}]) for series in case.fires]
    worlds += [world(series, []) for series in case.healthy]
    file = tmp_path / "alert.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "tests": worlds}))
    promtool("test", "rules", file)


@dataclass(frozen=True)
class Watched:
    """A deployment at work, and what watches it."""

    prometheus: PrometheusServer
    nodes: list[QdrantServer]
    vasari: Vasari
    page: "subprocess.Popen[str]"
    address: str
    folder: Path

    def take_in(self, first: int) -> None:
        """Leave ten new works to the worker, one of which cannot be read."""
        folder = self.folder / f"from-{first}"
        (folder / "images").mkdir(parents=True)
        rows = [facts(number) for number in range(first, first + 10)]
        for number, row in enumerate(rows, start=first):
            draw(number).save(folder / row["file"])
        (folder / rows[4]["file"]).write_bytes(b"no picture")
        write_table(folder / "works.csv", rows)
        self.vasari.json("ingest", "folder", folder, "--queue-only")

    def firing(self) -> dict[str, dict[str, str]]:
        """The alerts that fire -> what they say."""
        alerts = self.prometheus.ask("alerts")["alerts"]
        return {
            alert["labels"]["alertname"]: alert["annotations"]
            for alert in alerts
            if alert["state"] == "firing"
        }


@pytest.fixture(scope="module")
def watched(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A page, a worker, three nodes of Qdrant that ask for a key, and Prometheus before them."""
    folder = tmp_path_factory.mktemp("watched")
    page_port, worker_port = free_ports(2)
    address = f"http://127.0.0.1:{page_port}"
    keys = {"QDRANT__SERVICE__API_KEY": KEY, "QDRANT__SERVICE__READ_ONLY_API_KEY": READING_KEY}
    with ExitStack() as stack:
        try:
            installed("prometheus")
            nodes = stack.enter_context(qdrant_cluster(settings=keys))
        except ServerUnavailable as reason:
            pytest.skip(" ".join(str(reason).split()))
        settings = Settings(
            home=folder / "home",
            models=TINY_MODELS,
            batch_size=4,
            qdrant_url=",".join(node.url for node in nodes),
            database_url=SecretStr(stack.enter_context(postgres_server.fresh_database())),
        )
        vasari = Vasari(settings)
        vasari.environment |= {"VASARI_QDRANT_API_KEY": KEY, "VASARI_QDRANT_REPLICAS": "2"}
        vasari.json("ingest", "folder", make_folder(folder / "first", 12))
        stack.enter_context(_running(vasari, "worker", "--metrics-port", str(worker_port)))
        page = stack.enter_context(_running(vasari, "serve", "--port", str(page_port)))
        targets = {
            "vasari": [page_port],
            "vasari-worker": [worker_port],
            "qdrant": [int(node.url.rpartition(":")[2]) for node in nodes],
        }
        until(lambda: _answers(f"{address}/readyz"))
        until(lambda: _answers(f"http://127.0.0.1:{worker_port}/metrics"))
        prometheus = stack.enter_context(
            running_prometheus(_config(targets), {"alerts.yml": _impatient(), "key": READING_KEY})
        )
        yield Watched(prometheus, nodes, vasari, page, address, folder)


@contextmanager
def _running(vasari: Vasari, *command: str) -> Iterator["subprocess.Popen[str]"]:
    process = vasari.start(*command)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _config(targets: Mapping[str, list[int]]) -> dict[str, Any]:
    """Return the configuration as it comes, with targets on this machine and every second."""
    config: dict[str, Any] = yaml.safe_load(CONFIG.read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    assert {job["job_name"] for job in config["scrape_configs"]} == set(targets)
    for job in config["scrape_configs"]:
        job.pop("dns_sd_configs", None)
        ports = targets[job["job_name"]]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        if "authorization" in job:
            job["authorization"]["credentials_file"] = "key"
    return config


def _impatient() -> str:
    """Return the alerts as they come, which wait no minutes."""
    return re.sub(r"for: \d+m", "for: 1s", RULES.read_text())


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=30).is_success
    except httpx.HTTPError:
        return False


def until(condition: Callable[[], Any], left: object = None) -> Any:
    """Return what a condition says, once it says something.

    Args:
        left: what is shown where it never does.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (said := condition()):
        assert time.monotonic() < deadline, left
        time.sleep(0.2)
    return said


@pytest.mark.slow
def test_prometheus_reaches_every_target_and_nodes_with_the_key_alone(watched: Watched) -> None:
    def all_up() -> bool:
        targets = watched.prometheus.ask("targets")["activeTargets"]
        return len(targets) == 5 and all(target["health"] == "up" for target in targets)

    until(all_up)
    assert httpx.get(f"{watched.nodes[0].url}/metrics").status_code == 401
    assert watched.firing() == {}


@pytest.mark.slow
def test_every_query_of_the_dashboard_is_answered_with_numbers(
    watched: Watched, dashboard: dict[str, Any]
) -> None:
    watched.take_in(100)
    values = {"__rate_interval": "30s"}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(
                r"label_values\((\w+), (\w+)\)", variable["query"]
            ).groups()  # type: ignore[union-attr]
            found = watched.prometheus.ask(f"label/{label}/values", **{"match[]": metric})
            values[variable["name"]] = f"({'|'.join(found)})"
    left = {
        re.sub(r"\$(\w+)", lambda name: values[name[1]], target["expr"])
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
    }

    def all_answered() -> bool:
        work = httpx.get(f"{watched.address}/api/artworks").json()["artworks"][0]["id"]
        for path in (f"{work}/similar", "none"):
            httpx.get(f"{watched.address}/api/artworks/{path}")
        left.difference_update([query for query in left if _has_numbers(watched, query)])
        return not left

    until(all_answered, left)


def _has_numbers(watched: Watched, query: str) -> bool:
    result = watched.prometheus.ask("query", query=query)["result"]
    return any(series["value"][1] != "NaN" for series in result)


@pytest.mark.slow
def test_a_node_and_a_page_that_are_killed_are_reported(watched: Watched) -> None:
    assert watched.firing() == {}
    lost = watched.nodes[2]
    assert lost.lifecycle is not None
    lost.lifecycle.kill()
    watched.take_in(200)
    until(lambda: {"QdrantNodeDown", "QdrantReplicasDead"} <= watched.firing().keys())
    watched.page.kill()
    said = until(lambda: watched.firing() if "VasariUnreachable" in watched.firing() else None)
    assert lost.url.removeprefix("http://") in said["QdrantNodeDown"]["summary"]
    assert watched.address.removeprefix("http://") in said["VasariUnreachable"]["summary"]
    lost.lifecycle.start()
    until(lambda: not {"QdrantNodeDown", "QdrantReplicasDead"} & watched.firing().keys())
