"""Every setting of Vasari, typed. Nothing else in the project reads the environment.

A setting is given as an environment variable with the prefix ``VASARI_`` (``VASARI_HOME``,
``VASARI_QDRANT_URL``, ...) or in a file ``.env`` in the working directory.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """What one deployment is made of: where it lives, which servers it speaks to, its limits."""

    model_config = SettingsConfigDict(
        env_prefix="VASARI_", env_file=".env", extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: Path.home() / ".vasari",
        description="Folder of an embedded deployment: catalog, index, thumbnails.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="Postgres of a served deployment; without it, a SQLite file in the home.",
    )
    qdrant_url: str | None = Field(
        default=None,
        description="Qdrant of a served deployment; without it, Qdrant Edge in the home.",
    )
    qdrant_api_key: SecretStr | None = None
    qdrant_alias: str = Field(
        default="vasari",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Alias of the collection; each generation behind it is ALIAS_NUMBER.",
    )
    weights_dir: Path = Field(
        default_factory=lambda: Path.home() / ".cache" / "vasari" / "weights",
        description="Where model weights are kept once fetched, shared by all homes.",
    )
    models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("resnet50", "efficientnet_lite0"),
        description="Models that ingest and search use when none is named.",
    )
    batch_size: int = Field(default=32, ge=1, le=1024, description="Images in one forward pass.")
    decode_threads: int = Field(default=2, ge=1, le=64, description="Threads that decode ahead.")
    max_image_bytes: int = Field(default=200 * 2**20, ge=1, description="Largest image file read.")
    max_image_pixels: int = Field(
        default=250_000_000, ge=1, description="Largest picture decoded, width times height."
    )
    port: int = Field(default=8501, ge=1, le=65535, description="Port of the web page.")
    host: str = Field(default="127.0.0.1", description="Address that the web page listens on.")

    @field_validator("models", mode="before")
    @classmethod
    def _split_model_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("home", "weights_dir")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()
