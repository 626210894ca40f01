"""Settings of a process, read from its environment and nowhere else (twelve-factor)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigError(Exception):
    """A setting is missing or cannot be used; the text names the variable."""


@dataclass(frozen=True)
class Settings:
    """What one process was told. The same names are used by the supervisor and by containers."""

    service: str
    listen: str
    database_url: str
    nats_url: str
    nats_user: str
    nats_password: str
    valkey_url: str
    tls_dir: Path | None
    token_public_key: Path | None
    token_private_key: Path | None
    data_dir: Path
    metrics_port: int
    log_level: str
    environment: Mapping[str, str]

    def address(self, service: str) -> str:
        """Returns host:port of another service's gRPC door.

        Errors: ConfigError when this process was not given that address.
        """
        return self.required(f"MEGURI_{service.upper()}_ADDRESS")

    def required(self, name: str) -> str:
        """Returns a variable that has no default. Errors: ConfigError when it is not set."""
        value = self.environment.get(name, "")
        if not value:
            raise ConfigError(f"{name} is not set")
        return value


def number(environment: Mapping[str, str], name: str, default: float) -> float:
    """Returns a positive number that an operator may set. Errors: ConfigError naming it."""
    text = environment.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigError(f"{name} is {text!r} and must be a number above 0")
    return value


def patience(environment: Mapping[str, str]) -> float:
    """Returns by what factor whoever waits for a service or its database waits longer: above 1 on
    a machine that is much slower than those our deadlines were chosen on, such as one that many
    share. Errors: ConfigError for a number below 1, which would end calls before their work."""
    factor = number(environment, "MEGURI_PATIENCE", 1.0)
    if factor < 1:
        raise ConfigError(f"MEGURI_PATIENCE is {factor:g} and must be at least 1")
    return factor


def load(service: str, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings of a service. Errors: ConfigError for a value that cannot be used."""
    env = os.environ if environment is None else environment

    def path(name: str) -> Path | None:
        return Path(env[name]) if env.get(name) else None

    try:
        metrics_port = int(env.get("MEGURI_METRICS_PORT") or 0)
    except ValueError as error:
        raise ConfigError("MEGURI_METRICS_PORT is not a number") from error
    return Settings(
        service=service,
        listen=env.get("MEGURI_LISTEN", "127.0.0.1:0"),
        database_url=env.get("MEGURI_DATABASE_URL", ""),
        nats_url=env.get("MEGURI_NATS_URL", ""),
        nats_user=env.get("MEGURI_NATS_USER", ""),
        nats_password=env.get("MEGURI_NATS_PASSWORD", ""),
        valkey_url=env.get("MEGURI_VALKEY_URL", ""),
        tls_dir=path("MEGURI_TLS_DIR"),
        token_public_key=path("MEGURI_TOKEN_PUBLIC_KEY"),
        token_private_key=path("MEGURI_TOKEN_PRIVATE_KEY"),
        data_dir=path("MEGURI_DATA") or Path("var"),
        metrics_port=metrics_port,
        log_level=env.get("MEGURI_LOG_LEVEL", "info"),
        environment=env,
    )
