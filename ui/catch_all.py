"""Whatever happens to a command: one sentence that says what to do, and an exit code."""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import typer
from typer.core import TyperGroup

from errors import VasariError
from ui.console import StdoutLost, stdout_lost
from ui.interrupts import EXIT_CODE as INTERRUPTED
from ui.interrupts import SENTENCE, interrupts
from ui.invocation import debug, settings_in_use
from ui.output import json_printed, messages, print_error

REFUSED = 1
"""It cannot be done, or a check has failed."""

MISUSED = 2
"""The command line itself cannot be understood."""

FAULT = 70
"""A fault of Vasari itself, as sysexits.h has it."""

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What is wrong with a command line; Typer does not export it."""

_ADVICE = {
    errno.EACCES: "ask for the right to it, or name another place",
    errno.EPERM: "ask for the right to it, or name another place",
    errno.EROFS: "name another place",
    errno.ENOSPC: "free some space and run the command again",
    errno.EDQUOT: "free some space and run the command again",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "name a folder",
    errno.ELOOP: "name the file that the links should lead to",
    errno.EMFILE: "raise `ulimit -n` and run the command again",
    errno.EIO: "look at the disk, then run the command again",
}

_SENTENCES: dict[type[Exception], str] = {
    typer.Abort: "nothing was done, since the question was not answered with yes",
    MemoryError: "the memory does not suffice; ask for less at once",
    OverflowError: "a number that was given is too large; give a smaller one",
}


class CatchAll(TyperGroup):
    """The group of all commands, and the one place where their errors end."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; end with its exit code."""
        if not standalone_mode:
            return super().main(
                args, prog_name, complete_var, standalone_mode, windows_expand_args, **extra
            )
        # A shell that completes a line is answered here, and the process ends.
        self._main_shell_completion(extra, "vasari", complete_var)
        arguments = list(sys.argv[1:] if args is None else args)
        json_printed.set(False)
        debug.set(False)
        settings_in_use.set(None)
        try:
            interrupts.begin()
            code = self._run(arguments, extra)
            _flush()
        except (Exception, KeyboardInterrupt) as error:
            code = _end(error, arguments)
        interrupts.finish(code)
        if interrupts.requested:
            # Threads that are still at work would be waited for.
            os._exit(code)
        sys.exit(code)

    def _run(self, arguments: list[str], extra: dict[str, Any]) -> int:
        try:
            with self.make_context("vasari", list(arguments), **extra) as context:
                self.invoke(context)
        except typer.Exit as end:
            return end.exit_code
        return 0


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        raise stdout_lost(error) from None


def _end(error: BaseException, arguments: list[str]) -> int:
    """Say what has happened, and return the exit code."""
    as_json = "--json" in arguments
    if interrupts.requested or isinstance(error, KeyboardInterrupt):
        message, code = SENTENCE, INTERRUPTED
    elif type(error).__name__ == "NoArgsIsHelpError":
        messages.print(str(error))
        return MISUSED
    else:
        message, code = _explained(error, arguments)
    with suppress(StdoutLost):  # then it has been said, or no one can be told
        print_error(message, as_json=as_json)
        _flush()
    return code


def _explained(error: BaseException, arguments: list[str]) -> tuple[str, int]:
    """Return what to say of an error, and the exit code."""
    if isinstance(error, UsageError):
        return _misused(error), MISUSED
    if isinstance(error, BrokenPipeError):
        error = stdout_lost(error)
    foreseen = _foreseen(error)
    if foreseen is not None:
        return foreseen, REFUSED
    return _unforeseen(error, arguments), FAULT


def _foreseen(error: BaseException) -> str | None:
    """Return what to say of an error that is no fault of Vasari."""
    said = None
    if isinstance(error, VasariError):
        said = str(error)
    elif isinstance(error, OSError) and (error.filename is not None or error.errno in _ADVICE):
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        advice = _ADVICE.get(error.errno or 0, "check the name, or name another place")
        said = f"{where}{error.strerror}; {advice}"
    else:
        for kind, sentence in _SENTENCES.items():
            if isinstance(error, kind):
                said = sentence
    return said


def _misused(error: Any) -> str:
    path = error.ctx.command_path if error.ctx is not None else "vasari"
    message = " ".join(error.format_message().split()).rstrip(".")
    return f"{message}; `{path} --help` says how it is used"


def _unforeseen(error: BaseException, arguments: list[str]) -> str:
    """Keep or show the traceback, and return what to say of it."""
    from ui.fault_log import keep_traceback, without_secrets

    settings = settings_in_use.get()
    what = without_secrets(f"{type(error).__name__}: {error}".splitlines()[0][:200], settings)
    if debug.get():
        messages.print(_traceback(error), highlight=False, soft_wrap=True)
        return f"this is a fault of Vasari ({what}); please report it with the lines above"
    path = keep_traceback(error, arguments=arguments, settings=settings)
    if path is None:
        return f"this is a fault of Vasari ({what}); `vasari --debug …` shows where it happened"
    return f"this is a fault of Vasari ({what}); please report it with the file {path}"


def _traceback(error: BaseException) -> str:
    """Return the traceback of an error without the secrets of the settings."""
    from ui.fault_log import without_secrets

    return without_secrets("".join(traceback.format_exception(error)), settings_in_use.get())
