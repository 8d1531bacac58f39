"""Holds, site sessions with their places, answered requests, the rules in force, and what counts keep of an age."""

import sqlalchemy as sa
from alembic import op

import bookings.models

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEPT = "state IN ('held', 'promised')"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("age_band", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("booking") as batch:
        batch.alter_column("age_band", server_default=None)

    op.create_table(
        "site_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service_day_id", sa.Integer(), nullable=False),
        sa.Column("van_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("visit_type", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("opens_s", sa.Integer(), nullable=False),
        sa.Column("closes_s", sa.Integer(), nullable=False),
        sa.Column("set_up_s", sa.Integer(), nullable=False),
        sa.Column("packing_s", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", bookings.models.AwareTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('cancelled', 'open')", name=op.f("ck_site_session_state_known")),
        sa.CheckConstraint(
            "opens_s >= 0 AND closes_s > opens_s AND closes_s < 86400", name=op.f("ck_site_session_forwards")
        ),
        sa.CheckConstraint(
            "set_up_s >= 0 AND packing_s >= 0 AND opens_s >= set_up_s",
            name=op.f("ck_site_session_set_up_within_the_day"),
        ),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_site_session_on_earth")
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_site_session_service_day_id_service_day")
        ),
        sa.ForeignKeyConstraint(["van_id"], ["van.id"], name=op.f("fk_site_session_van_id_van")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_session")),
        sa.UniqueConstraint("number", name=op.f("uq_site_session_number")),
    )
    with op.batch_alter_table("site_session") as batch:
        batch.create_index("ix_site_session_service_day_id", ["service_day_id"], unique=False)

    op.create_table(
        "site_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_session_id", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Integer(), nullable=False),
        sa.Column("length_s", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", bookings.models.AwareTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('broken', 'done', 'free', 'held', 'promised')", name=op.f("ck_site_place_state_known")
        ),
        sa.CheckConstraint("(state = 'free') = (booking_id IS NULL)", name=op.f("ck_site_place_taken_by_somebody")),
        sa.CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name=op.f("ck_site_place_hold_expires")),
        sa.CheckConstraint(
            "seat >= 1 AND start_s >= 0 AND start_s < 86400 AND length_s > 0", name=op.f("ck_site_place_is_a_place")
        ),
        sa.ForeignKeyConstraint(
            ["site_session_id"], ["site_session.id"], name=op.f("fk_site_place_site_session_id_site_session")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_site_place_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_place")),
        sa.UniqueConstraint(
            "site_session_id", "start_s", "seat", name=op.f("uq_site_place_site_session_id_start_s_seat")
        ),
    )
    with op.batch_alter_table("site_place") as batch:
        batch.create_index(
            "uq_site_place_one_promise",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text(_KEPT),
            postgresql_where=sa.text(_KEPT),
        )

    op.create_table(
        "answered_request",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answered_request")),
    )
    with op.batch_alter_table("answered_request") as batch:
        batch.create_index("ix_answered_request_at", ["at"], unique=False)

    op.create_table(
        "rules_in_force",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("since", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_rules_in_force_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules_in_force")),
    )

    with op.batch_alter_table("plan_stop") as batch:
        batch.add_column(sa.Column("site_session_id", sa.Integer(), nullable=True))
        batch.alter_column("booking_id", existing_type=sa.Integer(), nullable=True)
        batch.create_foreign_key(
            op.f("fk_plan_stop_site_session_id_site_session"), "site_session", ["site_session_id"], ["id"]
        )
        batch.create_unique_constraint(
            op.f("uq_plan_stop_plan_version_id_site_session_id"), ["plan_version_id", "site_session_id"]
        )
        batch.create_check_constraint(
            op.f("ck_plan_stop_one_owner"), "(booking_id IS NULL) <> (site_session_id IS NULL)"
        )

    with op.batch_alter_table("visit") as batch:
        batch.drop_index("uq_visit_one_promise")
        batch.add_column(sa.Column("expires_at", bookings.models.AwareTime(timezone=True), nullable=True))
        batch.drop_constraint(op.f("ck_visit_state_known"), type_="check")
        batch.create_check_constraint(
            op.f("ck_visit_state_known"), "state IN ('broken', 'done', 'held', 'promised', 'released')"
        )
        batch.create_check_constraint(op.f("ck_visit_hold_expires"), "state <> 'held' OR expires_at IS NOT NULL")
    with op.batch_alter_table("visit") as batch:
        batch.create_index(
            "uq_visit_one_promise",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text(_KEPT),
            postgresql_where=sa.text(_KEPT),
        )


def downgrade() -> None:
    """Go back; holds, sessions and their stops are lost."""
    op.execute("DELETE FROM plan_stop WHERE booking_id IS NULL")
    op.execute("UPDATE visit SET state = 'released' WHERE state = 'held'")
    with op.batch_alter_table("visit") as batch:
        batch.drop_index("uq_visit_one_promise")
        batch.drop_constraint(op.f("ck_visit_hold_expires"), type_="check")
        batch.drop_constraint(op.f("ck_visit_state_known"), type_="check")
        batch.create_check_constraint(
            op.f("ck_visit_state_known"), "state IN ('broken', 'done', 'promised', 'released')"
        )
        batch.drop_column("expires_at")
    with op.batch_alter_table("visit") as batch:
        batch.create_index(
            "uq_visit_one_promise",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("state = 'promised'"),
            postgresql_where=sa.text("state = 'promised'"),
        )
    with op.batch_alter_table("plan_stop") as batch:
        batch.drop_constraint(op.f("ck_plan_stop_one_owner"), type_="check")
        batch.drop_constraint(op.f("uq_plan_stop_plan_version_id_site_session_id"), type_="unique")
        batch.drop_constraint(op.f("fk_plan_stop_site_session_id_site_session"), type_="foreignkey")
        batch.drop_column("site_session_id")
        batch.alter_column("booking_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("rules_in_force")
    op.drop_table("answered_request")
    op.drop_table("site_place")
    op.drop_table("site_session")
    with op.batch_alter_table("booking") as batch:
        batch.drop_column("age_band")
