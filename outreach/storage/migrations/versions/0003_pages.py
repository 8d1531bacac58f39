"""The pages: accounts, sessions, counted tries, who looked at whose record, the public form and its own links."""

import sqlalchemy as sa
from alembic import op

import bookings.models

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _time(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, bookings.models.AwareTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        _time("created_at"),
        _time("disabled_at", nullable=True),
        sa.CheckConstraint("role IN ('admin', 'clerk', 'crew', 'manager')", name=op.f("ck_account_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "web_session",
        sa.Column("id_sha256", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("csrf", sa.String(), nullable=False),
        _time("created_at"),
        _time("seen_at"),
        sa.Column("looking_at", sa.String(), nullable=False),
        _time("looked_at", nullable=True),
        _time("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id_account")),
        sa.PrimaryKeyConstraint("id_sha256", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_account_id", "web_session", ["account_id"], unique=False)
    op.create_index("ix_web_session_seen_at", "web_session", ["seen_at"], unique=False)
    op.create_index("ix_web_session_looking_at", "web_session", ["looking_at"], unique=False)
    op.create_table(
        "counted_tries",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("ends_at"),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_counted_tries_counted")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_counted_tries")),
    )
    op.create_index("ix_counted_tries_ends_at", "counted_tries", ["ends_at"], unique=False)
    op.create_table(
        "record_access",
        sa.Column("id", sa.Integer(), nullable=False),
        _time("at"),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("what IN ('change', 'listed', 'print', 'view')", name=op.f("ck_record_access_what_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_access")),
    )
    op.create_index("ix_record_access_reference", "record_access", ["reference"], unique=False)
    op.create_index("ix_record_access_who", "record_access", ["who", "at"], unique=False)
    op.create_table(
        "public_form",
        sa.Column("id_sha256", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        _time("created_at"),
        _time("expires_at"),
        sa.PrimaryKeyConstraint("id_sha256", name=op.f("pk_public_form")),
    )
    op.create_index("ix_public_form_expires_at", "public_form", ["expires_at"], unique=False)
    op.create_table(
        "own_link",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        _time("created_at"),
        _time("expires_at"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_own_link_booking_id_booking")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_own_link")),
    )
    op.create_index("ix_own_link_booking_id", "own_link", ["booking_id"], unique=False)
    op.create_table(
        "handed_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        _time("received_at"),
        _time("exported_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_over")),
        sa.UniqueConstraint("number", name=op.f("uq_handed_over_number")),
    )


def downgrade() -> None:
    """Go back; accounts, sessions, links, the log of looks and requests not yet handed over are lost."""
    for table in (
        "handed_over",
        "own_link",
        "public_form",
        "record_access",
        "counted_tries",
        "web_session",
        "account",
    ):
        op.drop_table(table)
