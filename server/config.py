"""Settings: environment variables named WANGGE_*, read once at start and passed down."""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.rules.working_time import Hours, hours_of

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting of the server; `docs/reference/settings.md` lists them and a test keeps it true."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_", extra="ignore", frozen=True)

    database_url: str | None = Field(default=None, description="An existing PostGIS database instead of the private one.")
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web server listens on.")
    events_port: int = Field(
        default_factory=lambda known: known.get("port", 0) + 1, ge=1, le=65535,
        description="Port the event stream listens on.",
    )
    events_url: str | None = Field(default=None, description="Where browsers reach the event stream, behind a proxy.")
    workers: int = Field(default=2, ge=1, le=64, description="Web worker processes.")
    events_workers: int = Field(default=2, ge=1, le=64, description="Processes of the event stream.")
    var_dir: Path = Field(default=ROOT / "var", description="Where the private cluster, caches and keys are kept.")
    city_data_dir: Path = Field(
        default=ROOT / "var/city-data", description="Where `make city-data` puts the list of all divisions."
    )
    secret_key: str | None = Field(default=None, description="Key that signs sessions; made and kept in var/ if absent.")
    language: Literal["zh", "en"] = Field(default="zh", description="Language of a visitor who has chosen none.")
    basemap: str = Field(
        default="none",
        description="Map beneath the city's layers: none, tianditu, an XYZ address or a WMTS address.",
    )
    tianditu_key: str | None = Field(default=None, description="The operator's key for Tianditu.")
    basemap_attribution: str = Field(default="", description="Credit line that an XYZ or WMTS basemap asks for.")
    support_needed: float = Field(
        default=0.5, ge=0, le=1, description="Share of residents' voices that something needs to be carried out."
    )
    keep_code_fraction: float = Field(
        default=0.5, ge=0, le=1, description="A grid keeps its code while so much of its ground is the same."
    )
    track_days: int = Field(
        default=30, ge=1, le=3650, description="Days for which the ways of officers on shift are kept."
    )
    upload_limit_mb: int = Field(default=4096, ge=1, description="Largest file that may be uploaded, in megabytes.")
    proxies: int = Field(
        default=0, ge=0, le=8, description="Reverse proxies in front, whose X-Forwarded headers are believed."
    )
    secure_cookies: bool = Field(default=False, description="Send cookies over HTTPS only; set it behind TLS.")

    working_hours: str = Field(
        default="09:00-12:00,13:00-18:00", description="Hours of a working day that time limits are counted in."
    )

    @field_validator("working_hours")
    @classmethod
    def hours_of_a_day(cls, written: str) -> str:
        """Spans of a day, one after another; anything else is a mistake to say early."""
        hours_of(written)
        return written

    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^/\s]+/?$", description="Address that citizens reach the server at, for links in mails."
    )
    smtp_url: str | None = Field(
        default=None, pattern=r"^smtps?://", description="Mail server for notices to citizens; no notices if absent."
    )
    mail_from: str = Field(default="wangge@localhost", description="Sender of the notices to citizens.")
    reports_per_hour: int = Field(default=30, ge=1, description="Reports that one address may send in an hour without log-in.")
    reports_per_day: int = Field(default=100, ge=1, description="Reports that one address may send in a day without log-in.")

    @field_validator("database_url")
    @classmethod
    def postgres_only(cls, url: str | None) -> str | None:
        """The database must be PostgreSQL; any other scheme is a mistake to say early."""
        if url and not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg2://")):
            raise ValueError("must begin with postgresql://")
        return url.replace("postgresql+psycopg2://", "postgresql://").replace("postgres://", "postgresql://") if url else None

    @field_validator("events_url")
    @classmethod
    def whole_address(cls, url: str | None) -> str | None:
        """Browsers are sent there: without a scheme they would look for a page of that name."""
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url or None

    @cached_property
    def hours(self) -> Hours:
        """The working hours as the calendar takes them."""
        return hours_of(self.working_hours)

    @property
    def imports_dir(self) -> Path:
        """Where files lie that were uploaded to be imported; web and worker processes share it."""
        return self.var_dir / "imports"

    @property
    def photos_dir(self) -> Path:
        """Where the photos of cases lie; web and worker processes share it."""
        return self.var_dir / "photos"

    @property
    def inbox_dir(self) -> Path:
        """Where departments' files are dropped: a folder for each source, named by its code."""
        return self.var_dir / "inbox"

    @property
    def networks_dir(self) -> Path:
        """Where walking networks are kept as arrays, for all processes of the machine."""
        return self.var_dir / "networks"

    @property
    def exports_dir(self) -> Path:
        """Where files are written that are sent when they are whole."""
        return self.var_dir / "exports"

    def outside_address(self, seen: str) -> str:
        """The address that citizens reach the server at, without a slash; where it is not set, the one that was `seen`."""
        return (self.public_url or seen).rstrip("/")

    @property
    def address(self) -> str:
        """Host and port as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """True when only this machine can reach the server."""
        return self.host in ("127.0.0.1", "::1", "localhost")
