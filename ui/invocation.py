"""What was given before the command's name, and what the command has read."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from settings import Settings

home_before_command: ContextVar[Path | None] = ContextVar("home_before_command", default=None)
"""The --home given before the command's name, which the command does not see."""

chosen_env_file: ContextVar[Path | None] = ContextVar("chosen_env_file", default=None)
"""The file of settings that was given before the command's name."""

debug: ContextVar[bool] = ContextVar("debug", default=False)
"""Whether the traceback of the unexpected goes to the screen."""

settings_in_use: ContextVar[Settings | None] = ContextVar("settings_in_use", default=None)
"""The settings that the command has read."""

job_id: ContextVar[str | None] = ContextVar("job_id", default=None)
"""The id under which the command's job is to be logged, where whoever started it has chosen one."""
