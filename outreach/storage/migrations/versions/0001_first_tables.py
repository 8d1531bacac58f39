"""The first tables: intake, gazetteer, fleet, service days, plans, calls, outcomes."""

import sqlalchemy as sa
from alembic import op

import bookings.models

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("visit_type", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("caller_name", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_folded", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=False),
        sa.Column("kana_folded", sa.String(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("under_15", sa.Integer(), nullable=False),
        sa.Column("phone_e164", sa.String(), nullable=True),
        sa.Column("phone_spoken", sa.String(), nullable=False),
        sa.Column("second_phone_e164", sa.String(), nullable=True),
        sa.Column("second_phone_spoken", sa.String(), nullable=False),
        sa.Column("fax", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("address_written", sa.String(), nullable=False),
        sa.Column("address_normalised", sa.String(), nullable=False),
        sa.Column("building", sa.String(), nullable=False),
        sa.Column("landmark", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("household_key", sa.String(), nullable=True),
        sa.Column("household_number", sa.Integer(), nullable=False),
        sa.Column("household_reason", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("location_level", sa.String(), nullable=True),
        sa.Column("location_source", sa.String(), nullable=False),
        sa.Column("parking", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("papers", sa.String(), nullable=False),
        sa.Column("application_form", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("wishes_text", sa.String(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("heard_from", sa.String(), nullable=False),
        sa.Column("refused_by", sa.String(), nullable=True),
        sa.Column("long_leg_ok", sa.Boolean(), nullable=False),
        sa.Column("open_answers", sa.JSON(), nullable=False),
        sa.Column("received_at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("changed_at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("erased_at", bookings.models.AwareTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('cancelled', 'confirmed', 'declined', 'draft', 'held', 'no_show', "
            "'requested', 'turned_down', 'unmet', 'visited')",
            name=op.f("ck_booking_status_known"),
        ),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_booking_both_coordinates")),
        sa.CheckConstraint("people IS NULL OR people > 0", name=op.f("ck_booking_people_positive")),
        sa.CheckConstraint("under_15 >= 0", name=op.f("ck_booking_under_15_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_kana", ["kana_folded"], unique=False)
        batch_op.create_index("ix_booking_phone", ["phone_e164"], unique=False)
        batch_op.create_index("ix_booking_status", ["status"], unique=False)
        batch_op.create_index(
            "uq_booking_live_household",
            ["household_key", "visit_type", "household_number"],
            unique=True,
            sqlite_where=sa.text("status IN ('confirmed', 'held', 'requested') AND household_key IS NOT NULL"),
            postgresql_where=sa.text("status IN ('confirmed', 'held', 'requested') AND household_key IS NOT NULL"),
        )

    op.create_table(
        "boundary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("geometry", sa.JSON(), nullable=False),
        sa.Column("imported_on", sa.Date(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_boundary_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary")),
    )
    op.create_table(
        "depot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_depot_on_earth")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depot")),
    )
    op.create_table(
        "district",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("aged_65", sa.Integer(), nullable=True),
        sa.Column("geometry", sa.JSON(), nullable=False),
        sa.Column("towns", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "population >= 0 AND aged_65 >= 0 AND aged_65 <= population", name=op.f("ck_district_people_add_up")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("name", name=op.f("uq_district_name")),
    )
    op.create_table(
        "pin",
        sa.Column("household_key", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_pin_on_earth")),
        sa.PrimaryKeyConstraint("household_key", name=op.f("pk_pin")),
    )
    op.create_table(
        "service_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("standing_plan_id", sa.Integer(), nullable=True),
        sa.Column("published_plan_id", sa.Integer(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_day")),
        sa.UniqueConstraint("day", name=op.f("uq_service_day_day")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("trainee", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prefecture", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=False),
        sa.Column("romaji", sa.String(), nullable=False),
        sa.Column("postal_code", sa.String(), nullable=False),
        sa.Column("former", sa.String(), nullable=False),
        sa.Column("koaza", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_town_on_earth")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
        sa.UniqueConstraint(
            "prefecture", "city", "town", "koaza", "lat", "lon", name=op.f("uq_town_prefecture_city_town_koaza_lat_lon")
        ),
    )
    op.create_table(
        "travel_time",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("parameters_sha256", sa.String(), nullable=False),
        sa.Column("from_lat", sa.BigInteger(), nullable=False),
        sa.Column("from_lon", sa.BigInteger(), nullable=False),
        sa.Column("to_lat", sa.BigInteger(), nullable=False),
        sa.Column("to_lon", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("metres", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "source", "parameters_sha256", "from_lat", "from_lon", "to_lat", "to_lon", name=op.f("pk_travel_time")
        ),
    )
    op.create_table(
        "booking_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("status_before", sa.String(), nullable=True),
        sa.Column("status_after", sa.String(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_change_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_change")),
    )
    with op.batch_alter_table("booking_change", schema=None) as batch_op:
        batch_op.create_index("ix_booking_change_booking_id", ["booking_id"], unique=False)

    op.create_table(
        "booking_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("accepted_at", bookings.models.AwareTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "severity IN ('confirm', 'error', 'warning')", name=op.f("ck_booking_finding_severity_known")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_finding_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_finding")),
        sa.UniqueConstraint("booking_id", "field", "code", name=op.f("uq_booking_finding_booking_id_field_code")),
    )
    op.create_table(
        "call_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('call_again', 'cancelled', 'left_message', 'no_answer', 'reached')",
            name=op.f("ck_call_attempt_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_call_attempt_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempt")),
    )
    with op.batch_alter_table("call_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_call_attempt_booking_id", ["booking_id"], unique=False)

    op.create_table(
        "plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_day_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("problem_sha256", sa.String(), nullable=False),
        sa.Column("plan_sha256", sa.String(), nullable=False),
        sa.Column("broken", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "made_by IN ('cancel', 'confirm', 'edit', 'expiry', 'hold', 'improve', 'make', 'move', 'remake')",
            name=op.f("ck_plan_version_made_by_known"),
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_plan_version_service_day_id_service_day")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("service_day_id", "number", name=op.f("uq_plan_version_service_day_id_number")),
    )
    op.create_table(
        "service_day_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_day_id", sa.Integer(), nullable=False),
        sa.Column("at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_service_day_change_service_day_id_service_day")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_day_change")),
    )
    with op.batch_alter_table("service_day_change", schema=None) as batch_op:
        batch_op.create_index("ix_service_day_change_service_day_id", ["service_day_id"], unique=False)

    op.create_table(
        "staff_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_staff_leave_forwards")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_leave_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_leave")),
        sa.UniqueConstraint(
            "staff_id", "first_day", "last_day", name=op.f("uq_staff_leave_staff_id_first_day_last_day")
        ),
    )
    op.create_table(
        "van",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("depot_id", sa.String(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("kit", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["depot_id"], ["depot.id"], name=op.f("fk_van_depot_id_depot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_van")),
    )
    op.create_table(
        "visit_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Integer(), nullable=True),
        sa.Column("end_s", sa.Integer(), nullable=True),
        sa.Column("at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("outcome IN ('no_show', 'visited')", name=op.f("ck_visit_outcome_outcome_known")),
        sa.CheckConstraint(
            "end_s IS NULL OR start_s IS NULL OR end_s >= start_s", name=op.f("ck_visit_outcome_forwards")
        ),
        sa.CheckConstraint("people >= 0", name=op.f("ck_visit_outcome_people_not_negative")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_visit_outcome_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_outcome")),
        sa.UniqueConstraint("booking_id", "day", name=op.f("uq_visit_outcome_booking_id_day")),
    )
    with op.batch_alter_table("visit_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_outcome_day"), ["day"], unique=False)

    op.create_table(
        "plan_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_version_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("van_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("arrive_s", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Integer(), nullable=False),
        sa.Column("depart_s", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint("role IN ('ghost', 'promised', 'proposed')", name=op.f("ck_plan_stop_role_known")),
        sa.CheckConstraint("arrive_s <= start_s AND start_s <= depart_s", name=op.f("ck_plan_stop_forwards")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_plan_stop_booking_id_booking")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_version.id"], name=op.f("fk_plan_stop_plan_version_id_plan_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_stop")),
        sa.UniqueConstraint("plan_version_id", "booking_id", name=op.f("uq_plan_stop_plan_version_id_booking_id")),
        sa.UniqueConstraint(
            "plan_version_id", "van_id", "position", name=op.f("uq_plan_stop_plan_version_id_van_id_position")
        ),
    )
    with op.batch_alter_table("plan_stop", schema=None) as batch_op:
        batch_op.create_index("ix_plan_stop_booking_id", ["booking_id"], unique=False)

    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_version_id", sa.Integer(), nullable=False),
        sa.Column("at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("outdated_at", bookings.models.AwareTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_version.id"], name=op.f("fk_publication_plan_version_id_plan_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index("ix_publication_plan_version_id", ["plan_version_id"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("van_id", sa.String(), nullable=False),
        sa.Column("start_s", sa.Integer(), nullable=False),
        sa.Column("end_s", sa.Integer(), nullable=False),
        sa.CheckConstraint("start_s >= 0 AND end_s > start_s AND end_s < 86400", name=op.f("ck_shift_within_the_day")),
        sa.ForeignKeyConstraint(["van_id"], ["van.id"], name=op.f("fk_shift_van_id_van")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint("day", "van_id", name=op.f("uq_shift_day_van_id")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_day"), ["day"], unique=False)

    op.create_table(
        "van_down",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("van_id", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_van_down_forwards")),
        sa.ForeignKeyConstraint(["van_id"], ["van.id"], name=op.f("fk_van_down_van_id_van")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_van_down")),
    )
    with op.batch_alter_table("van_down", schema=None) as batch_op:
        batch_op.create_index("ix_van_down_van_id", ["van_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("service_day_id", sa.Integer(), nullable=False),
        sa.Column("opens_s", sa.Integer(), nullable=False),
        sa.Column("closes_s", sa.Integer(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("pinned_van_id", sa.String(), nullable=True),
        sa.Column("long_leg_ok", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("promised_at", bookings.models.AwareTime(timezone=True), nullable=False),
        sa.Column("ended_at", bookings.models.AwareTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('broken', 'done', 'promised', 'released')", name=op.f("ck_visit_state_known")),
        sa.CheckConstraint(
            "opens_s >= 0 AND closes_s >= opens_s AND closes_s < 86400", name=op.f("ck_visit_window_forwards")
        ),
        sa.CheckConstraint("service_s > 0", name=op.f("ck_visit_service_takes_time")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_visit_booking_id_booking")),
        sa.ForeignKeyConstraint(["pinned_van_id"], ["van.id"], name=op.f("fk_visit_pinned_van_id_van")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_visit_service_day_id_service_day")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index("ix_visit_service_day_id", ["service_day_id"], unique=False)
        batch_op.create_index(
            "uq_visit_one_promise",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("state = 'promised'"),
            postgresql_where=sa.text("state = 'promised'"),
        )

    op.create_table(
        "shift_crew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.CheckConstraint("seat IN (1, 2)", name=op.f("ck_shift_crew_two_seats")),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_shift_crew_shift_id_shift"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_crew_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_crew")),
        sa.UniqueConstraint("day", "staff_id", name=op.f("uq_shift_crew_day_staff_id")),
        sa.UniqueConstraint("shift_id", "seat", name=op.f("uq_shift_crew_shift_id_seat")),
    )
    # The day points at its plans and a plan at its day: the second direction can only be added now.
    with op.batch_alter_table("service_day", schema=None) as batch_op:
        for pointer in ("standing_plan_id", "published_plan_id"):
            batch_op.create_foreign_key(
                op.f(f"fk_service_day_{pointer}_plan_version"), "plan_version", [pointer], ["id"]
            )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("service_day", schema=None) as batch_op:
        for pointer in ("standing_plan_id", "published_plan_id"):
            batch_op.drop_constraint(op.f(f"fk_service_day_{pointer}_plan_version"), type_="foreignkey")
    op.drop_table("shift_crew")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_visit_one_promise",
            sqlite_where=sa.text("state = 'promised'"),
            postgresql_where=sa.text("state = 'promised'"),
        )
        batch_op.drop_index("ix_visit_service_day_id")

    op.drop_table("visit")
    with op.batch_alter_table("van_down", schema=None) as batch_op:
        batch_op.drop_index("ix_van_down_van_id")

    op.drop_table("van_down")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_day"))

    op.drop_table("shift")
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.drop_index("ix_publication_plan_version_id")

    op.drop_table("publication")
    with op.batch_alter_table("plan_stop", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_stop_booking_id")

    op.drop_table("plan_stop")
    with op.batch_alter_table("visit_outcome", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_outcome_day"))

    op.drop_table("visit_outcome")
    op.drop_table("van")
    op.drop_table("staff_leave")
    with op.batch_alter_table("service_day_change", schema=None) as batch_op:
        batch_op.drop_index("ix_service_day_change_service_day_id")

    op.drop_table("service_day_change")
    op.drop_table("plan_version")
    with op.batch_alter_table("call_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_call_attempt_booking_id")

    op.drop_table("call_attempt")
    op.drop_table("booking_finding")
    with op.batch_alter_table("booking_change", schema=None) as batch_op:
        batch_op.drop_index("ix_booking_change_booking_id")

    op.drop_table("booking_change")
    op.drop_table("travel_time")
    op.drop_table("town")
    op.drop_table("staff")
    op.drop_table("service_day")
    op.drop_table("pin")
    op.drop_table("district")
    op.drop_table("depot")
    op.drop_table("boundary")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_booking_live_household",
            sqlite_where=sa.text("status IN ('confirmed', 'held', 'requested') AND household_key IS NOT NULL"),
            postgresql_where=sa.text("status IN ('confirmed', 'held', 'requested') AND household_key IS NOT NULL"),
        )
        batch_op.drop_index("ix_booking_status")
        batch_op.drop_index("ix_booking_phone")
        batch_op.drop_index("ix_booking_kana")

    op.drop_table("booking")
