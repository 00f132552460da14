"""Every setting of Vasari, typed. They are read by ``ui.settings_reading`` and by nothing else."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_KEY = re.compile(r"[!-~]+")
"""What can be sent in a header: ASCII without spaces and line ends."""

KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PASSWORD_HASH = re.compile(r"scrypt:[0-9]+:[0-9]+:[0-9]+:[0-9a-f]+:[0-9a-f]+")
_API_KEY = re.compile(rf"{KEY_NAME.pattern}:(read|curator):[0-9a-f]{{64}}")
_HOST_NAME = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")


def _check_key(key: SecretStr | None) -> SecretStr | None:
    if key is not None and not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError(
            "a key consists of ASCII letters, digits and signs, without spaces or line breaks; "
            "this one does not"
        )
    return key


def _take_blank_as_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class Destination(BaseSettings):
    """Where ``vasari promote`` moves a collection to: secrets, which a list of processes shows."""

    model_config = SettingsConfigDict(
        env_prefix="VASARI_TO_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    qdrant_url: str | None = Field(default=None, description="Address of the Qdrant server.")
    qdrant_api_key: SecretStr | None = Field(default=None, description="Its key.")
    database_url: SecretStr | None = Field(
        default=None, description="Address of an empty Postgres database."
    )
    database_password: SecretStr | None = Field(
        default=None, description="Its password, where the address is to be without it."
    )

    _none = field_validator("*", mode="before")(_take_blank_as_none)
    _key = field_validator("qdrant_api_key")(_check_key)


class Settings(BaseSettings):
    """What one deployment is made of: where it lives, which servers it speaks to, its limits."""

    model_config = SettingsConfigDict(
        env_prefix="VASARI_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(
        default_factory=lambda: Path.home() / ".vasari",
        description="Folder of an embedded deployment: catalog, index, thumbnails.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="Postgres of a served deployment; without it, a SQLite file in the home.",
    )
    database_password: SecretStr | None = Field(
        default=None, description="Its password, where the address is to be without it."
    )
    qdrant_url: str | None = Field(
        default=None,
        description="Qdrant of a served deployment, or a cluster's nodes, separated by commas; "
        "without it, Qdrant Edge in the home.",
    )
    qdrant_api_key: SecretStr | None = Field(default=None, description="Key of that Qdrant.")
    qdrant_shards: int | None = Field(
        default=None,
        ge=1,
        description="Parts that a collection on a cluster is cut into; without it, one a node.",
    )
    qdrant_replicas: int = Field(
        default=1, ge=1, description="Copies of each part, on as many nodes of a cluster."
    )
    qdrant_write_consistency: int = Field(
        default=1, ge=1, description="Copies that must have a change before it counts as made."
    )
    qdrant_alias: str = Field(
        default="vasari",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Alias of the collection; each generation behind it is ALIAS_NUMBER.",
    )
    store_url: SecretStr | None = Field(
        default=None,
        description="Where all machines keep pictures and own models: an fsspec URL such as "
        "s3://bucket/vasari; without it, the home.",
    )
    weights_dir: Path = Field(
        default_factory=lambda: Path.home() / ".cache" / "vasari" / "weights",
        description="Where model weights are kept once fetched, shared by all homes.",
    )
    models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("resnet50", "efficientnet_lite0"),
        description="Models that ingest and search use when none is named.",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="In which models compute; `auto` measures which is best."
    )
    batch_size: int = Field(default=32, ge=1, le=1024, description="Images embedded together.")
    decode_threads: int = Field(default=2, ge=1, le=64, description="Threads that decode ahead.")
    outage_patience_seconds: float = Field(
        default=600.0,
        ge=0,
        description="How long a job waits for a Qdrant, Postgres or store that does not answer.",
    )
    lease_seconds: float = Field(
        default=600.0,
        ge=1,
        description="After so long without a sign of life, a worker's batch is another's.",
    )
    max_image_bytes: int = Field(default=200 * 2**20, ge=1, description="Largest image file read.")
    max_image_pixels: int = Field(
        default=250_000_000, ge=1, description="Largest picture decoded, width times height."
    )
    max_decode_bytes: int = Field(
        default=2**30,
        ge=2**20,
        description="Memory that decoding a picture may take, and all pictures at one time. "
        "Beyond it a picture is decoded smaller where that takes less, and else refused.",
    )
    max_upload_decode_bytes: int = Field(
        default=256 * 2**20,
        ge=2**20,
        description="The same for one picture of a visitor of the web page.",
    )
    contact: str | None = Field(
        default=None,
        pattern=r"^[ -'*-~]+$",  # as in a comment of a header: ASCII without brackets
        description="An e-mail or web address at which those whose servers are asked for images "
        "find you; a part of the User-Agent.",
    )
    downloads_at_once: int = Field(default=32, ge=1, le=1024, description="Over all hosts.")
    downloads_host_at_once: int = Field(default=8, ge=1, le=256, description="Of one host.")
    downloads_host_rate: float = Field(
        default=10.0, gt=0, description="Requests a second to one host, of each process."
    )
    download_attempts: int = Field(
        default=4, ge=1, le=20, description="How often an image is asked for in one job."
    )
    download_backoff: float = Field(
        default=1.0, ge=0, description="Seconds of the first pause before asking again."
    )
    download_longest_pause: float = Field(
        default=60.0, ge=0, description="Seconds, also where a server asks for a longer one."
    )
    download_connect_seconds: float = Field(
        default=10.0, gt=0, description="For a connection to be made."
    )
    download_read_seconds: float = Field(
        default=20.0, gt=0, description="Between two pieces of an answer."
    )
    download_total_seconds: float = Field(
        default=120.0, gt=0, description="For a whole answer, however it comes."
    )
    download_give_up_seconds: float = Field(
        default=600.0, ge=0, description="After so long without any answer a host is left alone."
    )
    image_recheck_days: float = Field(
        default=30.0, ge=0, description="How long a downloaded image is taken to be unchanged."
    )
    keep_originals: bool = Field(
        default=True,
        description="Whether downloaded images stay on disk. Without them, a model that is added "
        "later has every image downloaded again.",
    )
    show_originals: bool = Field(
        default=True,
        description="Whether visitors see originals as closely as they like, or only thumbnails.",
    )
    keypoints: Literal["on_demand", "at_ingest"] = Field(
        default="on_demand",
        description="When the keypoints of works are found, which identification compares: as a "
        "photo is first compared with a work, or with its ingest.",
    )
    keypoints_megabytes: int = Field(
        default=20_000,
        ge=100,
        description="Of all keypoints kept in a home, 62 KB a work; those that were not used for "
        "longest make room for others.",
    )
    allow_private_networks: bool = Field(
        default=False,
        description="Whether images may be asked for at addresses of this machine and its network.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names at which visitors ask for the page, beside localhost and the address "
        "that it listens on; `*.museum.example` stands for all below it.",
    )
    upload_megabytes: int = Field(default=25, ge=1, description="Largest picture of a visitor.")
    upload_visit_megabytes: int = Field(
        default=100, ge=2, description="All pictures of one visit; at least two of the largest."
    )
    upload_total_megabytes: int = Field(default=512, ge=2, description="Of all visits together.")
    read_needs_key: bool = Field(
        default=False, description="Whether programs need a key to ask the API anything."
    )
    api_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Keys of programs, as `vasari users add-key` writes them: NAME:ROLE:HASH.",
    )
    requests_per_minute: int = Field(
        default=6000,
        ge=0,
        description="That the API answers to one key, or else to one address; 0 for any number. "
        "Each process of `vasari api` counts for itself.",
    )
    answer_seconds: float = Field(
        default=60.0, gt=0, description="For which a program's question is waited and worked on."
    )
    curator_password_hash: str | None = Field(
        default=None,
        description="Of the password that opens the curators' pages, as `vasari users "
        "hash-password` writes it.",
    )
    curator_header: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]{1,80}$",
        description="A header in which a proxy names the curator who has logged in with it, such "
        "as X-Forwarded-User; off by default. The proxy must take the header out of what comes "
        "from outside, and nobody may reach this server but through it.",
    )
    oidc_metadata_url: str | None = Field(
        default=None,
        description="Where the OpenID Connect provider that curators log in with describes itself: "
        "https://HOST/.../.well-known/openid-configuration.",
    )
    oidc_client_id: str | None = Field(default=None, description="Vasari's name at the provider.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Its secret there; another one ends all sessions of curators."
    )
    oidc_redirect_url: str | None = Field(
        default=None,
        description="Where the provider sends curators back to, as it knows it: the page's address "
        "and /oauth2callback.",
    )
    curators: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="E-mail addresses of the accounts there that may curate."
    )
    ingest_folders: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="Folders that curators may take works in from."
    )
    curator_upload_megabytes: int = Field(
        default=2048, ge=1, description="Largest archive of pictures that a curator sends."
    )
    curator_jobs: int = Field(default=8, ge=1, description="That run or wait at once, at most.")
    backup_key: SecretStr | None = Field(
        default=None,
        description="Key by which backups are encrypted: 64 hexadecimal digits, as `openssl rand "
        "-hex 32` writes them. Without it nobody can read them.",
    )
    backup_key_file: Path | None = Field(default=None, description="A file that holds it, instead.")
    port: int = Field(default=8501, ge=1, le=65535, description="Port of the web page.")
    host: str = Field(default="127.0.0.1", description="Address that the web page listens on.")

    @field_validator(
        "models", "allowed_hosts", "api_keys", "curators", "ingest_folders", mode="before"
    )
    @classmethod
    def _split_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    _none = field_validator(
        "curator_password_hash",
        "curator_header",
        "oidc_metadata_url",
        "oidc_client_id",
        "oidc_client_secret",
        "oidc_redirect_url",
        "contact",
        "database_url",
        "database_password",
        "qdrant_url",
        "qdrant_api_key",
        "store_url",
        "backup_key",
        "backup_key_file",
        mode="before",
    )(_take_blank_as_none)
    _key = field_validator("qdrant_api_key")(_check_key)

    @field_validator("api_keys")
    @classmethod
    def _are_keys(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_API_KEY.fullmatch(entry) for entry in entries):
            raise ValueError("an entry is NAME:ROLE:HASH, as `vasari users add-key` writes it")
        return entries

    @property
    def is_local(self) -> bool:
        """Whether the page can be reached from this machine only."""
        return self.host in ("localhost", "127.0.0.1", "::1")

    @property
    def has_curators_page(self) -> bool:
        """Whether curators can use the page in a browser."""
        ways_in = (self.curator_password_hash, self.curator_header, self.oidc_metadata_url)
        return any(way is not None for way in ways_in)

    @field_validator("curator_password_hash")
    @classmethod
    def _is_password_hash(cls, value: str | None) -> str | None:
        if value is not None and not _PASSWORD_HASH.fullmatch(value):
            raise ValueError("it is written by `vasari users hash-password`, and is no password")
        return value

    @field_validator("ingest_folders")
    @classmethod
    def _are_folders(cls, folders: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(folder.expanduser().absolute() for folder in folders)

    @field_validator("allowed_hosts")
    @classmethod
    def _are_host_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no host name: give it without https:// and port")
        return names

    @model_validator(mode="after")
    def _leave_room_for_an_upload(self) -> Self:
        if self.upload_visit_megabytes < 2 * self.upload_megabytes:
            raise ValueError("upload_visit_megabytes must be at least twice upload_megabytes")
        return self

    @field_validator("home", "weights_dir", mode="before")
    @classmethod
    def _refuse_blank_folder(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise ValueError("it is empty; give the name of a folder, or leave it out")
        return value

    @field_validator("home", "weights_dir")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:
            raise ValueError("no user has this home; give the name of a folder") from None
