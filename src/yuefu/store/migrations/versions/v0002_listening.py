"""What was listened to and recommended, playlists, and what recommending knows of items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _refers(table: str, column: str, other: str, *, nullable: bool = False) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column(column, sa.String(26), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE"),
    ]


def _key(table: str, *columns: str) -> sa.Constraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def upgrade() -> None:
    moment = sa.BigInteger
    op.create_table(
        "items",
        sa.Column("id", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("creator", sa.Text, nullable=False),
        *_refers("items", "piece_id", "pieces", nullable=True),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("features", sa.JSON, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("updated", moment, nullable=False),
        _key("items", "id"),
    )
    op.create_index("ix_items_piece_id", "items", ["piece_id"])
    op.create_table(
        "listening_events",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True,
            nullable=False,
        ),
        *_refers("listening_events", "account_id", "accounts"),
        sa.Column("listener", sa.String(80), nullable=False),
        sa.Column("item", sa.String(300), nullable=False),
        *_refers("listening_events", "piece_id", "pieces", nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("moment", moment, nullable=False),
        sa.Column("second", sa.Float),
        sa.Column("value", sa.Float),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("context", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("event_id", sa.String(80), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("received", moment, nullable=False),
        sa.UniqueConstraint("account_id", "event_id", name="uq_listening_events_account_id_event_id"),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_listening_events_piece_id", "listening_events", ["piece_id"])
    op.create_index("ix_listening_events_moment", "listening_events", ["moment"])
    op.create_index("ix_listening_events_account_id_listener", "listening_events", ["account_id", "listener", "moment"])
    op.create_table(
        "impressions",
        sa.Column("id", sa.String(26), nullable=False),
        *_refers("impressions", "account_id", "accounts"),
        sa.Column("item", sa.String(300), nullable=False),
        *_refers("impressions", "piece_id", "pieces", nullable=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("propensity", sa.Float, nullable=False),
        sa.Column("policy", sa.String(60), nullable=False),
        sa.Column("context", sa.String(40), nullable=False),
        sa.Column("fit", sa.String(64), nullable=False),
        sa.Column("moment", moment, nullable=False),
        _key("impressions", "id"),
    )
    op.create_index("ix_impressions_piece_id", "impressions", ["piece_id"])
    op.create_index("ix_impressions_account_id_moment", "impressions", ["account_id", "moment"])
    op.create_table(
        "playlists",
        sa.Column("id", sa.String(26), nullable=False),
        *_refers("playlists", "account_id", "accounts"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("updated", moment, nullable=False),
        _key("playlists", "id"),
    )
    op.create_index("ix_playlists_account_id", "playlists", ["account_id"])
    op.create_table(
        "listener_settings",
        *_refers("listener_settings", "account_id", "accounts"),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("updated", moment, nullable=False),
        _key("listener_settings", "account_id"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        _key("counters", "name"),
    )


def downgrade() -> None:
    for table in ("counters", "listener_settings", "playlists", "impressions", "listening_events", "items"):
        op.drop_table(table)
