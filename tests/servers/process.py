"""Server programs run on this machine: their folder, their account, their start and their end."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from . import ServerUnavailable

START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.02
LOG_TAIL_CHARACTERS = 2_000


@dataclass(frozen=True)
class Account:
    """The account that a server runs under where the tests themselves run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class ServerFolder:
    """A folder of one server's own, deleted after it, and the account it belongs to."""

    path: Path
    account: Account | None  # None: the account that runs the tests

    def give(self, path: Path) -> Path:
        """Hand a file or a whole folder inside this one over to the server's account."""
        if self.account is not None:
            for owned in (path, *path.rglob("*")):
                os.chown(owned, self.account.uid, self.account.gid, follow_symlinks=False)
        return path

    def program(self, program: Path, *, installed_in: Sequence[Path]) -> Path:
        """The program at a path where the server's account may run it.

        A checkout or an environment in a closed folder, such as root's home, is out of another
        account's reach. Opening that folder is not for a test to do, so the program is copied.

        Args:
            program: the program's path.
            installed_in: what it needs: files or folders beside each other, one of which is or
                holds the program.
        """
        if self.account is None or _open_to_everyone(program):
            return program
        copies = self.path / "program"
        copies.mkdir(exist_ok=True)
        for source in installed_in:
            if source.is_dir():
                shutil.copytree(source, copies / source.name, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(source, copies / source.name)
        self.give(copies)
        return copies / program.relative_to(installed_in[0].parent)


@contextmanager
def server_folder(name: str, kept_in: Path | None = None) -> Iterator[ServerFolder]:
    """A folder for one server, owned by an unprivileged account where that is possible.

    A new one lies directly under the system's folder for temporary files: pytest's own temporary
    folders are closed to every account but the one that runs the tests.

    Args:
        kept_in: a folder whose subfolder of the server's name is used and stays, with its data.
    """
    if kept_in is not None:
        kept = kept_in.absolute() / name
        kept.mkdir(parents=True, exist_ok=True)
        yield ServerFolder(kept, _hand_over_to_nobody(kept))
        return
    with tempfile.TemporaryDirectory(prefix=f"vasari-{name}-", ignore_cleanup_errors=True) as made:
        path = Path(made)
        yield ServerFolder(path, _hand_over_to_nobody(path))


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nothing listens on."""
    with ExitStack() as held:
        ports = []
        for _ in range(count):  # held until all are chosen, so that no port comes twice
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(int(listener.getsockname()[1]))
        return ports


def wait_until(condition: Callable[[], bool], *, what: str, seconds: float) -> None:
    """Poll until the condition holds.

    Raises:
        ServerUnavailable: it did not hold in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServerUnavailable(f"{what} within {seconds:g} seconds")
        time.sleep(POLL_SECONDS)


class ServerProcess:
    """One server program: started, stopped, killed and started again with the same data."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        folder: ServerFolder,
        answers: Callable[[], bool],
        environment: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """
        Args:
            command: program and arguments.
            folder: the server's own folder, its working directory.
            answers: whether the server is ready for questions.
            environment: all that the server sees of the environment, besides PATH: the settings
                that someone keeps in a shell for another server are not for this one.
            stop_signal: what asks this program to shut down.
        """
        self._command = [str(part) for part in command]
        self._folder = folder
        self._answers = answers
        self._environment = {"PATH": os.environ.get("PATH", os.defpath), **environment}
        self._stop_signal = stop_signal
        self._log = folder.path / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program and wait until it answers; nothing but a thaw, if it runs already.

        Raises:
            ServerUnavailable: it ended or did not answer in time; the message ends with its log.
        """
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            return
        account = self._folder.account
        with self._log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    cwd=self._folder.path,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    user=account.uid if account else None,
                    group=account.gid if account else None,
                    extra_groups=[] if account else None,
                    # Ctrl-C is for pytest, which then stops the server in its own order.
                    start_new_session=True,
                )
            except OSError as error:
                raise ServerUnavailable(f"{self._command[0]} cannot be run: {error}") from error
        try:
            wait_until(
                self._answers_or_ended,
                what=f"{Path(self._command[0]).name} did not answer",
                seconds=START_SECONDS,
            )
        except BaseException:
            self.kill()
            raise
        if self._process.poll() is not None:
            tail = self._log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:].strip()
            name = Path(self._command[0]).name
            raise ServerUnavailable(f"{name} ended with {self._process.returncode}: {tail}")

    def stop(self) -> None:
        """Ask the program to shut down and wait for its end; kill it if it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(self._stop_signal)
        self.thaw()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the program at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop the program and its children where they are: connections stay, nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let what was frozen go on; nothing, if it was not."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        server = psutil.Process(self._process.pid)
        # The parent first, so that it begins no child behind our back.
        server.send_signal(number)
        for child in server.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.send_signal(number)

    def _answers_or_ended(self) -> bool:
        return (self._process is not None and self._process.poll() is not None) or self._answers()


def _hand_over_to_nobody(folder: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam("nobody")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    except (KeyError, PermissionError):  # no such account, or a root that may not give away
        return None
    if not _open_to_everyone(folder.parent):
        os.chown(folder, 0, 0)
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _open_to_everyone(path: Path) -> bool:
    """Whether every account may enter the path's folders and run, or enter, the path itself."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))
