using System;
using System.Collections.Generic;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace GuspApi.Database.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "change_set",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    revision = table.Column<long>(type: "bigint", nullable: true),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    actor = table.Column<string>(type: "text", nullable: false),
                    request_id = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_change_set", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "epci",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    source_date = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_epci", x => x.code);
                    table.CheckConstraint("ck_epci_code", "is_siren(code)");
                });

            migrationBuilder.CreateTable(
                name: "import",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    dataset = table.Column<string>(type: "text", nullable: false),
                    mode = table.Column<string>(type: "text", nullable: false),
                    submit = table.Column<bool>(type: "boolean", nullable: false),
                    atomicity = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    idempotency_key = table.Column<string>(type: "text", nullable: false),
                    fingerprint = table.Column<string>(type: "text", nullable: true),
                    content_type = table.Column<string>(type: "text", nullable: true),
                    rows_read = table.Column<int>(type: "integer", nullable: false),
                    rows_total = table.Column<int>(type: "integer", nullable: true),
                    created = table.Column<int>(type: "integer", nullable: false),
                    updated = table.Column<int>(type: "integer", nullable: false),
                    unchanged = table.Column<int>(type: "integer", nullable: false),
                    rejected = table.Column<int>(type: "integer", nullable: false),
                    errors = table.Column<int>(type: "integer", nullable: false),
                    warnings = table.Column<int>(type: "integer", nullable: false),
                    base_revision = table.Column<long>(type: "bigint", nullable: false),
                    change_set_id = table.Column<long>(type: "bigint", nullable: true),
                    message_en = table.Column<string>(type: "text", nullable: true),
                    message_fr = table.Column<string>(type: "text", nullable: true),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_import", x => x.id);
                    table.CheckConstraint("ck_import_state", "state in ('RECEIVING','RECEIVED','VALIDATING','VALIDATED','APPLYING','DONE','DONE_WITH_REJECTS','FAILED','STALE','CANCELLED')");
                });

            migrationBuilder.CreateTable(
                name: "landlord",
                columns: table => new
                {
                    siren = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    family = table.Column<string>(type: "text", nullable: false),
                    active_from = table.Column<short>(type: "smallint", nullable: true),
                    active_to = table.Column<short>(type: "smallint", nullable: true),
                    successor_siren = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_landlord", x => x.siren);
                    table.CheckConstraint("ck_landlord_active", "active_from <= active_to");
                    table.CheckConstraint("ck_landlord_family", "family in ('OPH','ESH','COOP','SEM','OTHER')");
                    table.CheckConstraint("ck_landlord_name", "btrim(name) <> ''");
                    table.CheckConstraint("ck_landlord_siren", "is_siren(siren)");
                    table.CheckConstraint("ck_landlord_successor", "successor_siren <> siren");
                    table.CheckConstraint("ck_landlord_version", "version > 0");
                    table.ForeignKey(
                        name: "fk_landlord_successor_siren",
                        column: x => x.successor_siren,
                        principalTable: "landlord",
                        principalColumn: "siren",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "region",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    source_date = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_region", x => x.code);
                });

            migrationBuilder.CreateTable(
                name: "theme",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false),
                    rank = table.Column<short>(type: "smallint", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    source_date = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_theme", x => x.code);
                });

            migrationBuilder.CreateTable(
                name: "change",
                columns: table => new
                {
                    object_type = table.Column<string>(type: "text", nullable: false),
                    object_key = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    @event = table.Column<string>(name: "event", type: "text", nullable: false),
                    change_set_id = table.Column<long>(type: "bigint", nullable: false),
                    content = table.Column<JsonDocument>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_change", x => new { x.object_type, x.object_key, x.version });
                    table.ForeignKey(
                        name: "fk_change_change_set_id",
                        column: x => x.change_set_id,
                        principalTable: "change_set",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "import_chunk",
                columns: table => new
                {
                    import_id = table.Column<Guid>(type: "uuid", nullable: false),
                    no = table.Column<int>(type: "integer", nullable: false),
                    bytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_import_chunk", x => new { x.import_id, x.no });
                    table.ForeignKey(
                        name: "fk_import_chunk_import_id",
                        column: x => x.import_id,
                        principalTable: "import",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "import_error",
                columns: table => new
                {
                    import_id = table.Column<Guid>(type: "uuid", nullable: false),
                    no = table.Column<int>(type: "integer", nullable: false),
                    line = table.Column<int>(type: "integer", nullable: true),
                    column_name = table.Column<string>(type: "text", nullable: true),
                    object_key = table.Column<string>(type: "text", nullable: true),
                    code = table.Column<string>(type: "text", nullable: false),
                    severity = table.Column<string>(type: "text", nullable: false),
                    message_en = table.Column<string>(type: "text", nullable: false),
                    message_fr = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<string>(type: "text", nullable: true),
                    expected = table.Column<string>(type: "text", nullable: true),
                    suggestion = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_import_error", x => new { x.import_id, x.no });
                    table.ForeignKey(
                        name: "fk_import_error_import_id",
                        column: x => x.import_id,
                        principalTable: "import",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "department",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    region_code = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    source_date = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_department", x => x.code);
                    table.ForeignKey(
                        name: "fk_department_region_code",
                        column: x => x.region_code,
                        principalTable: "region",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "axis",
                columns: table => new
                {
                    number = table.Column<short>(type: "smallint", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false),
                    theme_code = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    source_date = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_axis", x => x.number);
                    table.CheckConstraint("ck_axis_number", "number between 1 and 8");
                    table.ForeignKey(
                        name: "fk_axis_theme_code",
                        column: x => x.theme_code,
                        principalTable: "theme",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "commune",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    department_code = table.Column<string>(type: "text", nullable: false),
                    epci_code = table.Column<string>(type: "text", nullable: true),
                    source = table.Column<string>(type: "text", nullable: false),
                    source_date = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_commune", x => x.code);
                    table.CheckConstraint("ck_commune_code", "code ~ '^[0-9][0-9AB][0-9]{3}$'");
                    table.ForeignKey(
                        name: "fk_commune_department_code",
                        column: x => x.department_code,
                        principalTable: "department",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_commune_epci_code",
                        column: x => x.epci_code,
                        principalTable: "epci",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "qpv",
                columns: table => new
                {
                    code = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    generation = table.Column<short>(type: "smallint", nullable: false),
                    department_code = table.Column<string>(type: "text", nullable: false),
                    geometry = table.Column<JsonDocument>(type: "jsonb", nullable: true),
                    min_longitude = table.Column<double>(type: "double precision", nullable: true),
                    min_latitude = table.Column<double>(type: "double precision", nullable: true),
                    max_longitude = table.Column<double>(type: "double precision", nullable: true),
                    max_latitude = table.Column<double>(type: "double precision", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_qpv", x => x.code);
                    table.CheckConstraint("ck_qpv_box", "(geometry is null) = (min_longitude is null) and min_longitude <= max_longitude and min_latitude <= max_latitude");
                    table.CheckConstraint("ck_qpv_code", "code ~ '^QP[0-9A-Z]{3}[0-9]{3}$' or code ~ '^QN(0[0-9]{2}|02[AB]|97[1-8]|987)[0-9]{2}[NMIC]$'");
                    table.CheckConstraint("ck_qpv_generation", "generation = case when code like 'QP%' then 2015 else 2024 end");
                    table.CheckConstraint("ck_qpv_name", "btrim(name) <> ''");
                    table.CheckConstraint("ck_qpv_version", "version > 0");
                    table.ForeignKey(
                        name: "fk_qpv_department_code",
                        column: x => x.department_code,
                        principalTable: "department",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "declaration",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    landlord_siren = table.Column<string>(type: "text", nullable: false),
                    year = table.Column<short>(type: "smallint", nullable: false),
                    qpv_code = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    comment = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false),
                    lines_version = table.Column<int>(type: "integer", nullable: false),
                    validated_version = table.Column<int>(type: "integer", nullable: true),
                    validated_lines_version = table.Column<int>(type: "integer", nullable: true),
                    ever_submitted = table.Column<bool>(type: "boolean", nullable: false),
                    change_set_id = table.Column<long>(type: "bigint", nullable: false, defaultValueSql: "current_change_set()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_declaration", x => x.id);
                    table.CheckConstraint("ck_declaration_action", "action in ('SAVED','SUBMITTED','VALIDATED','CHANGES_REQUESTED','REOPENED','DELETED')");
                    table.CheckConstraint("ck_declaration_deleted", "status <> 'DELETED' or validated_version is null");
                    table.CheckConstraint("ck_declaration_status", "status in ('DRAFT','SUBMITTED','CHANGES_REQUESTED','VALIDATED','DELETED')");
                    table.CheckConstraint("ck_declaration_validated", "status <> 'VALIDATED' or validated_lines_version = lines_version");
                    table.CheckConstraint("ck_declaration_versions", "0 < lines_version and lines_version <= version and validated_lines_version <= validated_version and validated_version <= version");
                    table.CheckConstraint("ck_declaration_year", "year between 2015 and 2100");
                    table.ForeignKey(
                        name: "fk_declaration_change_set_id",
                        column: x => x.change_set_id,
                        principalTable: "change_set",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_declaration_landlord_siren",
                        column: x => x.landlord_siren,
                        principalTable: "landlord",
                        principalColumn: "siren",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_declaration_qpv_code",
                        column: x => x.qpv_code,
                        principalTable: "qpv",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "holding",
                columns: table => new
                {
                    landlord_siren = table.Column<string>(type: "text", nullable: false),
                    year = table.Column<short>(type: "smallint", nullable: false),
                    qpv_code = table.Column<string>(type: "text", nullable: false),
                    dwellings = table.Column<int>(type: "integer", nullable: false),
                    abated_dwellings = table.Column<int>(type: "integer", nullable: true),
                    abatement = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: false),
                    abatement_method = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_holding", x => new { x.landlord_siren, x.year, x.qpv_code });
                    table.CheckConstraint("ck_holding_abated_dwellings", "abated_dwellings between 0 and dwellings");
                    table.CheckConstraint("ck_holding_abatement", "abatement between 0 and 1000000000");
                    table.CheckConstraint("ck_holding_abatement_method", "abatement_method in ('NOTICE','ESTIMATE','NONE')");
                    table.CheckConstraint("ck_holding_dwellings", "dwellings >= 0");
                    table.CheckConstraint("ck_holding_no_abatement", "abatement_method <> 'NONE' or abatement = 0");
                    table.CheckConstraint("ck_holding_version", "version > 0");
                    table.CheckConstraint("ck_holding_year", "year between 2015 and 2100");
                    table.ForeignKey(
                        name: "fk_holding_landlord_siren",
                        column: x => x.landlord_siren,
                        principalTable: "landlord",
                        principalColumn: "siren",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_holding_qpv_code",
                        column: x => x.qpv_code,
                        principalTable: "qpv",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "project",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    title = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    objectives = table.Column<List<string>>(type: "text[]", nullable: false),
                    annual_budget = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true),
                    partners = table.Column<List<string>>(type: "text[]", nullable: false),
                    landlord_name = table.Column<string>(type: "text", nullable: false),
                    landlord_siren = table.Column<string>(type: "text", nullable: true),
                    qpv_code = table.Column<string>(type: "text", nullable: true),
                    commune_code = table.Column<string>(type: "text", nullable: true),
                    axis = table.Column<short>(type: "smallint", nullable: true),
                    year = table.Column<short>(type: "smallint", nullable: true),
                    source = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_project", x => x.id);
                    table.CheckConstraint("ck_project_annual_budget", "annual_budget >= 0");
                    table.ForeignKey(
                        name: "fk_project_axis",
                        column: x => x.axis,
                        principalTable: "axis",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_project_commune_code",
                        column: x => x.commune_code,
                        principalTable: "commune",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_project_landlord_siren",
                        column: x => x.landlord_siren,
                        principalTable: "landlord",
                        principalColumn: "siren",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_project_qpv_code",
                        column: x => x.qpv_code,
                        principalTable: "qpv",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "qpv_commune",
                columns: table => new
                {
                    qpv_code = table.Column<string>(type: "text", nullable: false),
                    commune_code = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_qpv_commune", x => new { x.qpv_code, x.commune_code });
                    table.ForeignKey(
                        name: "fk_qpv_commune_commune_code",
                        column: x => x.commune_code,
                        principalTable: "commune",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_qpv_commune_qpv_code",
                        column: x => x.qpv_code,
                        principalTable: "qpv",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "qpv_lineage",
                columns: table => new
                {
                    predecessor_code = table.Column<string>(type: "text", nullable: false),
                    successor_code = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_qpv_lineage", x => new { x.predecessor_code, x.successor_code });
                    table.ForeignKey(
                        name: "fk_qpv_lineage_predecessor_code",
                        column: x => x.predecessor_code,
                        principalTable: "qpv",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_qpv_lineage_successor_code",
                        column: x => x.successor_code,
                        principalTable: "qpv",
                        principalColumn: "code",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "declaration_version",
                columns: table => new
                {
                    declaration_id = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    comment = table.Column<string>(type: "text", nullable: true),
                    lines_version = table.Column<int>(type: "integer", nullable: false),
                    change_set_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_declaration_version", x => new { x.declaration_id, x.version });
                    table.ForeignKey(
                        name: "fk_declaration_version_change_set_id",
                        column: x => x.change_set_id,
                        principalTable: "change_set",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_declaration_version_declaration_id",
                        column: x => x.declaration_id,
                        principalTable: "declaration",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "expense_line",
                columns: table => new
                {
                    declaration_id = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    @ref = table.Column<string>(name: "ref", type: "text", nullable: false),
                    no = table.Column<int>(type: "integer", nullable: false),
                    axis = table.Column<short>(type: "smallint", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    family = table.Column<string>(type: "text", nullable: false),
                    planned = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true),
                    actual = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: false),
                    valued = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true),
                    landlord_funding = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true),
                    other_funding = table.Column<decimal>(type: "numeric(14,2)", precision: 14, scale: 2, nullable: true),
                    quantitative_review = table.Column<string>(type: "text", nullable: true),
                    qualitative_review = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_expense_line", x => new { x.declaration_id, x.version, x.@ref });
                    table.CheckConstraint("ck_expense_line_amounts", "least(planned, actual, valued, landlord_funding, other_funding) >= 0 and greatest(planned, actual, valued, landlord_funding, other_funding) <= 1000000000");
                    table.CheckConstraint("ck_expense_line_axis", "axis between 1 and 8");
                    table.CheckConstraint("ck_expense_line_family", "family in ('REINFORCEMENT','SPECIFIC')");
                    table.ForeignKey(
                        name: "fk_expense_line_declaration_id",
                        column: x => x.declaration_id,
                        principalTable: "declaration",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_axis_theme_code",
                table: "axis",
                column: "theme_code");

            migrationBuilder.CreateIndex(
                name: "ix_change_change_set_id",
                table: "change",
                column: "change_set_id");

            migrationBuilder.CreateIndex(
                name: "ak_change_set_revision",
                table: "change_set",
                column: "revision",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_change_set_at",
                table: "change_set",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_commune_department_code",
                table: "commune",
                column: "department_code");

            migrationBuilder.CreateIndex(
                name: "ix_commune_epci_code",
                table: "commune",
                column: "epci_code");

            migrationBuilder.CreateIndex(
                name: "ak_declaration_key",
                table: "declaration",
                columns: new[] { "landlord_siren", "year", "qpv_code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_declaration_change_set_id",
                table: "declaration",
                column: "change_set_id");

            migrationBuilder.CreateIndex(
                name: "ix_declaration_qpv_code",
                table: "declaration",
                column: "qpv_code");

            migrationBuilder.CreateIndex(
                name: "ix_declaration_year_qpv_code",
                table: "declaration",
                columns: new[] { "year", "qpv_code" });

            migrationBuilder.CreateIndex(
                name: "ix_declaration_version_change_set_id",
                table: "declaration_version",
                column: "change_set_id");

            migrationBuilder.CreateIndex(
                name: "ix_department_region_code",
                table: "department",
                column: "region_code");

            migrationBuilder.CreateIndex(
                name: "ix_holding_qpv_code",
                table: "holding",
                column: "qpv_code");

            migrationBuilder.CreateIndex(
                name: "ak_import_idempotency_key",
                table: "import",
                columns: new[] { "actor", "idempotency_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_import_received_at_id",
                table: "import",
                columns: new[] { "received_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_landlord_successor_siren",
                table: "landlord",
                column: "successor_siren");

            migrationBuilder.CreateIndex(
                name: "ix_project_axis",
                table: "project",
                column: "axis");

            migrationBuilder.CreateIndex(
                name: "ix_project_commune_code",
                table: "project",
                column: "commune_code");

            migrationBuilder.CreateIndex(
                name: "ix_project_landlord_siren",
                table: "project",
                column: "landlord_siren");

            migrationBuilder.CreateIndex(
                name: "ix_project_qpv_code",
                table: "project",
                column: "qpv_code");

            migrationBuilder.CreateIndex(
                name: "ix_qpv_department_code",
                table: "qpv",
                column: "department_code");

            migrationBuilder.CreateIndex(
                name: "ix_qpv_commune_commune_code",
                table: "qpv_commune",
                column: "commune_code");

            migrationBuilder.CreateIndex(
                name: "ix_qpv_lineage_successor_code",
                table: "qpv_lineage",
                column: "successor_code");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "change");

            migrationBuilder.DropTable(
                name: "declaration_version");

            migrationBuilder.DropTable(
                name: "expense_line");

            migrationBuilder.DropTable(
                name: "holding");

            migrationBuilder.DropTable(
                name: "import_chunk");

            migrationBuilder.DropTable(
                name: "import_error");

            migrationBuilder.DropTable(
                name: "project");

            migrationBuilder.DropTable(
                name: "qpv_commune");

            migrationBuilder.DropTable(
                name: "qpv_lineage");

            migrationBuilder.DropTable(
                name: "declaration");

            migrationBuilder.DropTable(
                name: "import");

            migrationBuilder.DropTable(
                name: "axis");

            migrationBuilder.DropTable(
                name: "commune");

            migrationBuilder.DropTable(
                name: "change_set");

            migrationBuilder.DropTable(
                name: "landlord");

            migrationBuilder.DropTable(
                name: "qpv");

            migrationBuilder.DropTable(
                name: "theme");

            migrationBuilder.DropTable(
                name: "epci");

            migrationBuilder.DropTable(
                name: "department");

            migrationBuilder.DropTable(
                name: "region");
        }
    }
}
