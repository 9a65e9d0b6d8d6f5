"""Every setting of the product, its unit and its bounds. Knows the environment, opens nothing.

`LEADSCORER_KAFKA__BOOTSTRAP_SERVERS=…` sets `kafka.bootstrap_servers`. The table in the docs and
`lead-scorer config show` are made from the descriptions here.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HIDDEN: Final = "********"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SecurityProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    OAUTHBEARER = "OAUTHBEARER"


class Compression(StrEnum):
    NONE = "none"
    LZ4 = "lz4"
    ZSTD = "zstd"
    SNAPPY = "snappy"
    GZIP = "gzip"


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # an error would quote the password beside the mistake
    )


def _secret(file: Path | None, value: SecretStr | None) -> str | None:
    if file:
        return file.read_text(encoding="utf-8").rstrip("\n")
    return value.get_secret_value() if value else None


PositiveInt = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]


class KafkaSettings(_Section):
    bootstrap_servers: str = "127.0.0.1:9092"
    """Brokers to connect to first: `host:port`, separated by commas."""
    protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    """How to talk to the brokers: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512
    """SASL mechanism; only read with a SASL protocol."""
    username: str | None = None
    """SASL user name."""
    password: SecretStr | None = None
    """SASL password; better given by `kafka.password_file`."""
    password_file: Path | None = None
    """File that holds the SASL password (a mounted secret); a final newline is ignored."""
    token_file: Path | None = None
    """File that holds the bearer token of OAUTHBEARER; read again for every connection."""
    ca_file: Path | None = None
    """Certificates (PEM) that sign the brokers'; none: those of the system."""
    cert_file: Path | None = None
    """Client certificate (PEM) for mutual TLS."""
    key_file: Path | None = None
    """Private key (PEM) of the client certificate."""
    key_password: SecretStr | None = None
    """Password of the private key."""
    allow_sasl_without_tls: bool = False
    """Accept SASL_PLAINTEXT, which shows the password to whoever listens."""
    request_timeout_ms: PositiveInt = 30_000
    """Milliseconds before a request to a broker counts as failed."""
    session_timeout_s: PositiveInt = 15
    """Seconds without a heartbeat after which the partitions of a worker go to others."""
    leave_on_stop: bool = False
    """Give the partitions to others at once on a clean stop, not after `kafka.session_timeout_s`;
    for workers that come and go (autoscaling). Without it a restart moves no partition."""
    transaction_timeout_ms: PositiveInt = 60_000
    """Milliseconds after which a broker aborts a transaction whose worker died."""

    @model_validator(mode="after")
    def _credentials_fit_the_protocol(self) -> Self:
        sasl = self.protocol in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)
        if self.protocol is SecurityProtocol.SASL_PLAINTEXT and not self.allow_sasl_without_tls:
            raise ValueError(
                "SASL without TLS sends the password in the clear: use protocol SASL_SSL, "
                "or set kafka.allow_sasl_without_tls=true on a network that you trust"
            )
        bearer = self.mechanism is SaslMechanism.OAUTHBEARER
        if sasl and bearer and not self.token_file:
            raise ValueError("mechanism OAUTHBEARER needs kafka.token_file: set it")
        named = self.username and (self.password or self.password_file)
        if sasl and not bearer and not named:
            raise ValueError("SASL needs kafka.username and kafka.password_file: set both")
        if self.key_file and not self.cert_file:
            raise ValueError("kafka.key_file without kafka.cert_file: set both or none")
        return self

    def secret(self) -> str | None:
        """The SASL password, from the file when there is one."""
        return _secret(self.password_file, self.password)


class TopicSettings(_Section):
    prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    """Put before every topic name, so that several installations share a cluster."""
    partitions: PositiveInt = 4
    """Partitions of every topic; all inputs must have as many, or leads would lose their lane."""
    replication_factor: PositiveInt = 1
    """Copies of every partition that `topics apply` creates and `run` insists on."""
    allow_single_replica: bool = False
    """Accept replication 1 in production, where one lost disk then loses scores."""


class LaneSettings(_Section):
    max_batch_records: PositiveInt = 2_000
    """Records that one transaction folds at most."""
    max_batch_bytes: PositiveInt = 4_000_000
    """Bytes of input that one transaction folds at most."""
    commit_interval_ms: int = Field(50, ge=0)
    """Milliseconds at least between the beginnings of two transactions of a partition. An event after a quiet moment is committed at
    once; 0 commits as often as the brokers can, which makes all of them slower when there are many."""
    flush_seconds: float = Field(600, gt=0)
    """Seconds after which what is only in memory goes to `data_dir`. A worker that is killed reads from the changelog what came
    since; a full disk is noticed then."""
    queue_records: PositiveInt = 8_000
    """Records of one input partition that wait in memory before its fetching pauses."""
    fetch_max_bytes: PositiveInt = 1_048_576
    """Bytes that one fetch brings of one partition at most."""
    fetch_max_wait_ms: PositiveInt = 100
    """Milliseconds that a broker may hold a fetch when there is nothing to read."""
    due_batch: PositiveInt = 2_000
    """Leads that one transaction advances at most when their instants have come."""
    compression: Compression = Compression.ZSTD
    """Codec of everything that is written; `lz4` is compressed at its level 9, five times slower and larger."""


class OutputSettings(_Section):
    publish: bool = True
    """Write scores, crossings and dead letters; `lead-scorer replay` does without, and keeps states only."""


class DeadLetterSettings(_Section):
    max_consecutive: PositiveInt = 1_000
    """Rejected records in a row, of one partition, at which the worker stops."""
    max_ratio: float = Field(0.5, gt=0, le=1)
    """Share of rejected records in `dead_letters.ratio_window` at which the worker stops."""
    ratio_window: PositiveInt = 10_000
    """Records of one partition over which the share is taken."""


class WebSettings(_Section):
    enabled: bool = True
    """Serve /metrics, /livez, /readyz and /version."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 in a container."""
    port: int = Field(8321, ge=0, le=65_500)
    """Port of the first stage; each further stage of `run` takes the next one. 0: any free port."""
    token: SecretStr | None = None
    """Bearer token that /metrics and /version ask for; better given by `web.token_file`."""
    token_file: Path | None = None
    """File that holds the bearer token (a mounted secret); a final newline is ignored."""
    allow_without_token: bool = False
    """Listen beyond this machine without a token, where the network keeps strangers out."""

    @model_validator(mode="after")
    def _strangers_need_a_token(self) -> Self:
        open_to_all = self.enabled and self.host not in _LOOPBACK
        if open_to_all and not (self.token or self.token_file or self.allow_without_token):
            raise ValueError(
                f"web.host {self.host} lets other machines read the metrics: set web.token_file, "
                "or web.allow_without_token=true where the network keeps strangers out"
            )
        return self

    def secret(self) -> str | None:
        """The bearer token, from the file when there is one."""
        return _secret(self.token_file, self.token)


class ClockSettings(_Section):
    scale: PositiveFloat = 1.0
    """How many times as fast as real time the worker's clock runs; for demonstrations only."""
    origin_us: int | None = None
    """Simulated time, µs since the epoch, at the real instant `clock.started_us`; none: wall clock."""
    started_us: int | None = None
    """Real time, µs since the epoch, at which the clock showed `clock.origin_us`."""


class Settings(BaseSettings):
    """All settings, from `LEADSCORER_…` variables; frozen once read."""

    model_config = SettingsConfigDict(
        env_prefix="LEADSCORER_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    environment: Environment = Environment.DEVELOPMENT
    """`production` refuses what is only good enough for a try-out."""
    app: str = Field("leadscorer", pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")
    """Name of the installation: prefix of groups, transactional ids and changelog topics."""
    model: str = "default"
    """The scoring model: a name of a model that is shipped, or the path of a YAML file."""
    data_dir: Path = Path(".lead-scorer")
    """Directory of the local stores; a cache, deleting it is always safe."""
    instance_id: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]{1,100}$")
    """Name of this worker, the same after a restart; none: host name and the first free number."""
    tick_seconds: PositiveFloat = 0.5
    """Seconds between two looks at the leads whose instants have come."""
    future_tolerance_s: PositiveInt = 300
    """Seconds that an event's time may lie ahead of the broker's before it is rejected."""
    log_level: str = Field("info", pattern=r"^(?i:debug|info|warning|error)$")
    """How much is logged: debug, info, warning or error."""
    kafka: KafkaSettings = KafkaSettings()
    topics: TopicSettings = TopicSettings()
    lanes: LaneSettings = LaneSettings()
    outputs: OutputSettings = OutputSettings()
    dead_letters: DeadLetterSettings = DeadLetterSettings()
    web: WebSettings = WebSettings()
    clock: ClockSettings = ClockSettings()

    @model_validator(mode="after")
    def _production_has_the_real_time(self) -> Self:
        if self.environment is Environment.PRODUCTION and self.clock != ClockSettings():
            raise ValueError(
                "clock.* makes time run faster, for demonstrations: unset LEADSCORER_CLOCK__… "
                "in production, or leads would age by days in minutes"
            )
        return self

    @model_validator(mode="after")
    def _production_keeps_copies(self) -> Self:
        alone = self.topics.replication_factor == 1 and not self.topics.allow_single_replica
        if self.environment is Environment.PRODUCTION and alone:
            raise ValueError(
                "topics.replication_factor is 1: set 3 for production, "
                "or topics.allow_single_replica=true if you accept to lose data with a disk"
            )
        return self

    def topic(self, logical: str) -> str:
        """The name on the broker of a topic of ours."""
        return self.topics.prefix + logical

    def group(self, stage: str) -> str:
        """The consumer group of a stage; also the prefix of its transactional ids."""
        return f"{self.topics.prefix}{self.app}-{stage}"

    def changelog(self, stage: str) -> str:
        """The name on the broker of the changelog of a stage."""
        return f"{self.topics.prefix}{self.app}-{stage}-changelog"


def effective(settings: Settings) -> dict[str, Any]:
    """The values in force, secrets hidden, as plain JSON types."""
    return _hide(settings.model_dump(), settings.model_dump(mode="json"))


def _hide(values: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    out = dict(shown)
    for name, value in values.items():
        if isinstance(value, SecretStr):
            out[name] = HIDDEN
        elif isinstance(value, dict):
            out[name] = _hide(value, shown[name])
    return out


def environment(settings: Settings) -> dict[str, str]:
    """The `LEADSCORER_…` variables with which another process reads the same settings."""
    return dict(_variables("LEADSCORER_", settings.model_dump(exclude_defaults=True)))


def _variables(prefix: str, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _variables(f"{prefix}{name.upper()}__", value)
        elif isinstance(value, SecretStr):
            yield prefix + name.upper(), value.get_secret_value()
        elif value is not None:
            yield prefix + name.upper(), str(value)
