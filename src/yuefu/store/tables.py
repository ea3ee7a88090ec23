"""The tables, as SQLAlchemy knows them. ``migrations`` makes them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A point in time, kept as whole microseconds since 1970: exact and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[Any]:
    return Column("id", String(26), primary_key=True)


def _account(*, index: bool = False) -> Column[Any]:
    return Column("account_id", String(26), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=index)


accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("name", String(60), nullable=False),
    Column("name_key", String(120), nullable=False, unique=True),  # folded; "" is the one account without log-in
    Column("password", Text),  # argon2; null for nobody can log in
    Column("is_admin", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _account(index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    _account(index=True),
    Column("name", String(60), nullable=False),
    Column("hint", String(12), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("last_used", Moment),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", String(26), ForeignKey("accounts.id", ondelete="CASCADE")),  # null: whoever holds the machine
    Column("is_admin", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
)

pieces = Table(
    "pieces",
    metadata,
    _id(),
    _account(),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("tags", Text, nullable=False),  # each between unit separators, so that one can be looked for
    Column("search", Text, nullable=False),  # title, tags and words, folded
    Column("liked", Boolean, nullable=False),
    Column("head", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("tune", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("trashed", Moment),
    Column("shared", String(64), unique=True),
    Index("ix_pieces_account_id_updated", "account_id", "updated"),
)

versions = Table(
    "versions",
    metadata,
    Column("piece_id", String(26), ForeignKey("pieces.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("parent", Integer),
    Column("redo", Integer),  # the child that was left last: where redo leads
    Column("name", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("tune", Text, nullable=False),
    Column("created", Moment, nullable=False),
)

kept_files = Table(
    "kept_files",
    metadata,
    Column("piece_id", String(26), ForeignKey("pieces.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("fmt", String(20), primary_key=True),
    Column("digest", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("created", Moment, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    _account(),
    Column("kind", String(20), nullable=False),
    Column("request", JSON, nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("idempotency_key", String(200)),
    Column("state", String(10), nullable=False),
    Column("progress", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("attempts", Integer, nullable=False),
    Column("worker", String(100)),
    Column("lease_until", Moment),
    Column("cancel_requested", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("finished", Moment),
    UniqueConstraint("account_id", "idempotency_key"),
    Index("ix_jobs_state_id", "state", "id"),
    Index("ix_jobs_account_id_id", "account_id", "id"),
)

#: SQLite gives a number out once only when it is told to; PostgreSQL knows no other way.
job_events = Table(
    "job_events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("job_id", String(26), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created", Moment, nullable=False, index=True),
    Index("ix_job_events_job_id_id", "job_id", "id"),
    sqlite_autoincrement=True,
)

#: What recommending knows of pieces, and of music from elsewhere that was listened to.
items = Table(
    "items",
    metadata,
    Column("id", String(300), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("creator", Text, nullable=False),  # a piece's account, an artist's name
    Column("piece_id", String(26), ForeignKey("pieces.id", ondelete="CASCADE"), index=True),
    Column("tags", JSON, nullable=False),
    Column("features", JSON, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
)

#: seq counts up, so that what is new since a time of asking is found, however late it happened.
listening_events = Table(
    "listening_events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _account(),
    Column("listener", String(80), nullable=False),  # "" is the account itself, else a name in a file it read
    Column("item", String(300), nullable=False),
    Column("piece_id", String(26), ForeignKey("pieces.id", ondelete="CASCADE"), index=True),
    Column("kind", String(10), nullable=False),
    Column("moment", Moment, nullable=False, index=True),
    Column("second", Float),
    Column("value", Float),
    Column("device", String(40), nullable=False),
    Column("context", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("event_id", String(80), nullable=False),
    Column("source", String(40), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("received", Moment, nullable=False),
    UniqueConstraint("account_id", "event_id"),
    Index("ix_listening_events_account_id_listener", "account_id", "listener", "moment"),
    sqlite_autoincrement=True,
)

#: What was recommended, and how likely that was: without it nothing can be said of other choices.
impressions = Table(
    "impressions",
    metadata,
    _id(),
    _account(),
    Column("item", String(300), nullable=False),
    Column("piece_id", String(26), ForeignKey("pieces.id", ondelete="CASCADE"), index=True),
    Column("rank", Integer, nullable=False),
    Column("propensity", Float, nullable=False),
    Column("policy", String(60), nullable=False),
    Column("context", String(40), nullable=False),
    Column("fit", String(64), nullable=False),  # which fitted model chose
    Column("moment", Moment, nullable=False),
    Index("ix_impressions_account_id_moment", "account_id", "moment"),
)

playlists = Table(
    "playlists",
    metadata,
    _id(),
    _account(index=True),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("items", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
)

listener_settings = Table(
    "listener_settings",
    metadata,
    Column("account_id", String(26), ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("data", JSON, nullable=False),
    Column("updated", Moment, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
