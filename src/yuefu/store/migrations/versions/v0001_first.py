"""Accounts, pieces with their versions, and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _account(table: str, *, nullable: bool = False) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("account_id", sa.String(26), nullable=nullable),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=f"fk_{table}_account_id", ondelete="CASCADE"
        ),
    ]  # fmt: skip


def _piece(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("piece_id", sa.String(26), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=f"fk_{table}_piece_id", ondelete="CASCADE"),
    ]


def _key(table: str, *columns: str) -> sa.Constraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def upgrade() -> None:
    moment = sa.BigInteger
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created", moment, nullable=False),
        _key("accounts", "id"),
        sa.UniqueConstraint("name_key", name="uq_accounts_name_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        *_account("sessions"),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("expires", moment, nullable=False),
        _key("sessions", "token_hash"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(26), nullable=False),
        *_account("api_keys"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("hint", sa.String(12), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("last_used", moment),
        _key("api_keys", "id"),
        sa.UniqueConstraint("secret_hash", name="uq_api_keys_secret_hash"),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"])
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), nullable=False),
        *_account("invitations", nullable=True),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("expires", moment, nullable=False),
        sa.Column("used", moment),
        _key("invitations", "token_hash"),
    )
    op.create_table(
        "pieces",
        sa.Column("id", sa.String(26), nullable=False),
        *_account("pieces"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("liked", sa.Boolean, nullable=False),
        sa.Column("head", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("tune", sa.Text, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("updated", moment, nullable=False),
        sa.Column("trashed", moment),
        sa.Column("shared", sa.String(64)),
        _key("pieces", "id"),
        sa.UniqueConstraint("shared", name="uq_pieces_shared"),
    )
    op.create_index("ix_pieces_account_id_updated", "pieces", ["account_id", "updated"])
    op.create_table(
        "versions",
        *_piece("versions"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("redo", sa.Integer),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("tune", sa.Text, nullable=False),
        sa.Column("created", moment, nullable=False),
        _key("versions", "piece_id", "number"),
    )
    op.create_index("ix_versions_document", "versions", ["document"])
    op.create_table(
        "kept_files",
        *_piece("kept_files"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("fmt", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("created", moment, nullable=False),
        _key("kept_files", "piece_id", "number", "fmt"),
    )
    op.create_index("ix_kept_files_digest", "kept_files", ["digest"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(26), nullable=False),
        *_account("jobs"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.JSON),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(100)),
        sa.Column("lease_until", moment),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("started", moment),
        sa.Column("finished", moment),
        _key("jobs", "id"),
        sa.UniqueConstraint("account_id", "idempotency_key", name="uq_jobs_account_id_idempotency_key"),
    )
    op.create_index("ix_jobs_state_id", "jobs", ["state", "id"])
    op.create_index("ix_jobs_account_id_id", "jobs", ["account_id", "id"])
    op.create_table(
        "job_events",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True,
            nullable=False,
        ),
        sa.Column("job_id", sa.String(26), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_events_job_id", ondelete="CASCADE"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("created", moment, nullable=False),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_job_events_created", "job_events", ["created"])
    op.create_index("ix_job_events_job_id_id", "job_events", ["job_id", "id"])


def downgrade() -> None:
    for table in (
        "job_events", "jobs", "kept_files", "versions", "pieces", "invitations", "api_keys", "sessions", "accounts",
    ):  # fmt: skip
        op.drop_table(table)
