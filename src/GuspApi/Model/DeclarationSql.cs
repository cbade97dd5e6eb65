namespace GuspApi.Model;

/// <summary>
/// The rules of the trade over a set of declarations, as SELECTs over two relations: <c>candidate</c>, one row per declaration with its
/// natural key, a number <c>key</c> and <c>alike</c>, and <c>candidate_line</c>, the lines they would have, under that number. An import
/// makes temporary tables of these names, a PUT and a read put a WITH clause in front. <c>alike</c> is false where it is known that no two
/// lines have the same ref, nor the same action and amount.
/// </summary>
internal static class DeclarationSql
{
    private const string Key = "landlord_siren, year, qpv_code";

    // To group by line was half of judging a large file, and most declarations are known to need none. IS TRUE keeps the planner from
    // making a join of it, which goes row by row where it expects none.
    private const string MayBeAlike = "(key IN (SELECT key FROM candidate WHERE alike IS NOT FALSE)) IS TRUE";

    private const string LineFields =
        "{0}.no, {0}.axis, {0}.action, {0}.family, {0}.planned, {0}.actual, {0}.valued, {0}.landlord_funding, {0}.other_funding, " +
        "{0}.quantitative_review, {0}.qualitative_review";

    /// <summary>
    /// What is there already, and what a write would do: created, updated or unchanged (the same lines in the same order and, when
    /// submitting, a state that needs no submission). Relation <c>candidate_state</c>.
    /// </summary>
    public static string State(bool submit) => $"""
        WITH known AS MATERIALIZED (
            SELECT c.key, {Key}, d.id, d.status, d.version, d.lines_version FROM candidate c LEFT JOIN declaration d USING ({Key}))
        SELECT k.key, {Key}, k.id, k.status, k.version,
               coalesce(k.status <> 'DELETED' AND coalesce(lines.same, true), false) AS same,
               CASE WHEN k.id IS NULL OR k.status = 'DELETED' THEN 'created'
                    WHEN NOT coalesce(lines.same, true) THEN 'updated'
                    WHEN {Literal(submit)} AND k.status IN ('DRAFT', 'CHANGES_REQUESTED') THEN 'updated'
                    ELSE 'unchanged' END AS outcome
        FROM known k
        LEFT JOIN (
            SELECT key, bool_and(n.no IS NOT NULL AND o.no IS NOT NULL
                AND ({string.Format(null, LineFields, "n")}) IS NOT DISTINCT FROM ({string.Format(null, LineFields, "o")})) AS same
            FROM (SELECT l.* FROM known JOIN candidate_line l USING (key) WHERE id IS NOT NULL) n
            FULL JOIN (
                SELECT k.key, e.* FROM known k JOIN expense_line e ON e.declaration_id = k.id AND e.version = k.lines_version) o
              USING (key, ref)
            GROUP BY key) lines USING (key)
        """;

    /// <summary>
    /// Rules that refuse every write; needs <c>candidate_state</c>, and <c>@day</c>: the day in Paris for a landlord, null for admin, whom
    /// no campaign binds.
    /// </summary>
    public const string Refusals = $"""
        SELECT key, NULL::int AS line, NULL::text AS ref, 'LANDLORD_UNKNOWN' AS code, 'landlord' AS field,
               landlord_siren AS value, NULL::text AS expected
        FROM candidate c WHERE NOT EXISTS (SELECT FROM landlord l WHERE l.siren = c.landlord_siren)
        UNION ALL
        SELECT key, NULL, NULL, 'QPV_UNKNOWN', 'qpv', qpv_code, NULL
        FROM candidate c WHERE NOT EXISTS (SELECT FROM qpv q WHERE q.code = c.qpv_code)
        UNION ALL
        SELECT key, l.line, l.ref, 'DUPLICATE_REF', 'ref', l.ref, NULL
        FROM candidate_line l
        JOIN (SELECT key, ref, min(no) AS first FROM candidate_line WHERE {MayBeAlike} GROUP BY key, ref HAVING count(*) > 1) twice
          USING (key, ref)
        WHERE l.no > twice.first
        UNION ALL
        SELECT key, NULL, NULL, 'DECLARATION_VALIDATED', 'status', status, NULL
        FROM candidate_state WHERE status = 'VALIDATED' AND outcome <> 'unchanged'
        UNION ALL
        SELECT key, NULL, NULL, bar.code, 'year', bar.value, bar.expected
        FROM candidate_state CROSS JOIN LATERAL campaign_bar(year, status, @day) bar WHERE outcome <> 'unchanged'
        """;

    /// <summary>
    /// Rules of the submission and warnings: what a stored declaration shows as anomalies. Whoever sees them sees last year's declaration
    /// too, unless it is a draft: a draft is not compared with, or its reviewer would read it in the expected range. The function
    /// <c>broken_rules</c> of the database is made of this very text.
    /// </summary>
    public const string Anomalies = $"""
        WITH threshold AS (
            SELECT min(maximum) FILTER (WHERE code = 'FUNDING_MISMATCH') AS funding_gap,
                   min(maximum) FILTER (WHERE code = 'VALUED_VERSUS_ABATEMENT') AS valued_off,
                   min(minimum) FILTER (WHERE code = 'EXPENSE_PER_DWELLING') AS expense_minimum,
                   min(maximum) FILTER (WHERE code = 'EXPENSE_PER_DWELLING') AS expense_maximum,
                   min(maximum) FILTER (WHERE code = 'EXPENSE_PER_DWELLING_CHANGE') AS expense_change,
                   min(maximum) FILTER (WHERE code = 'DWELLINGS_CHANGE') AS dwellings_change
            FROM rule),
        total AS (
            SELECT key, sum(actual) AS actual, sum(valued) AS valued,
                   count(*) FILTER (WHERE coalesce(qualitative_review, '') = '') AS unreviewed
            FROM candidate_line GROUP BY key),
        known AS MATERIALIZED (
            SELECT c.*, coalesce(t.actual, 0) AS actual, coalesce(t.valued, 0) AS valued, coalesce(t.unreviewed, 0) AS unreviewed,
                   h.dwellings, h.abatement, h.abatement_method, p.dwellings AS dwellings_before, before.actual AS actual_before,
                   l.active_from, l.active_to, l.siren IS NOT NULL AS landlord_known, q.generation
            FROM candidate c
            LEFT JOIN total t USING (key)
            LEFT JOIN holding h USING ({Key})
            LEFT JOIN holding p ON p.landlord_siren = c.landlord_siren AND p.year = c.year - 1 AND p.qpv_code = c.qpv_code
            LEFT JOIN landlord l ON l.siren = c.landlord_siren
            LEFT JOIN qpv q ON q.code = c.qpv_code
            LEFT JOIN LATERAL (
                SELECT sum(e.actual) AS actual
                FROM declaration d
                JOIN expense_line e ON e.declaration_id = d.id
                  AND e.version = coalesce(d.validated_lines_version, CASE WHEN d.status <> 'DRAFT' THEN d.lines_version END)
                WHERE p.dwellings > 0 AND d.landlord_siren = c.landlord_siren AND d.year = c.year - 1 AND d.qpv_code = c.qpv_code
                  AND d.status <> 'DELETED') before ON true)
        SELECT key, NULL::int AS line, NULL::text AS ref, 'HOLDING_MISSING' AS code, 'qpv' AS field, qpv_code AS value,
               '/v1/holdings/' || landlord_siren || '/' || year || '/' || qpv_code AS expected
        FROM known WHERE dwellings IS NULL
        UNION ALL
        SELECT key, NULL, NULL, 'LANDLORD_INACTIVE', 'year', year::text,
          concat_ws('…', coalesce(active_from::text, ''), coalesce(active_to::text, ''))
        FROM known WHERE year < active_from OR year > active_to
        UNION ALL
        SELECT key, NULL, NULL, 'QPV_GENERATION', 'qpv', qpv_code, CASE generation WHEN 2015 THEN 'year ≤ 2024' ELSE 'year ≥ 2024' END
        FROM known WHERE generation = 2015 AND year > 2024 OR generation = 2024 AND year < 2024
        UNION ALL
        SELECT key, line, ref, 'VALUED_ABOVE_ACTUAL', 'valued', round(valued, 2)::text, '≤ ' || round(actual, 2)
        FROM candidate_line WHERE valued > actual
        UNION ALL
        SELECT key, line, ref, 'FUNDING_MISMATCH', 'landlordFunding',
               round(coalesce(landlord_funding, 0) + coalesce(other_funding, 0), 2)::text,
                 round(actual, 2) || ' ± ' || trim_scale(funding_gap)
        FROM candidate_line, threshold
        WHERE (landlord_funding IS NOT NULL OR other_funding IS NOT NULL)
          AND abs(coalesce(landlord_funding, 0) + coalesce(other_funding, 0) - actual) > funding_gap
        UNION ALL
        SELECT key, NULL, NULL, 'VALUED_VERSUS_ABATEMENT', 'valued', round(valued, 2)::text,
               round(abatement * (1 - valued_off), 2) || '…' || round(abatement * (1 + valued_off), 2)
        FROM known, threshold WHERE abs(valued - abatement) > valued_off * abatement
        UNION ALL
        SELECT key, NULL, NULL, 'EXPENSE_PER_DWELLING', 'actual', round(actual / dwellings, 2)::text,
               trim_scale(expense_minimum) || '…' || trim_scale(expense_maximum)
        FROM known, threshold WHERE dwellings > 0 AND actual / dwellings NOT BETWEEN expense_minimum AND expense_maximum
        UNION ALL
        SELECT key, NULL, NULL, 'EXPENSE_PER_DWELLING_CHANGE', 'actual', round(actual / dwellings, 2)::text,
               round(actual_before / dwellings_before * (1 - expense_change), 2) || '…'
               || round(actual_before / dwellings_before * (1 + expense_change), 2)
        FROM known, threshold
        WHERE dwellings > 0 AND dwellings_before > 0
          AND abs(actual / dwellings - actual_before / dwellings_before) > expense_change * actual_before / dwellings_before
        UNION ALL
        SELECT key, NULL, NULL, 'DWELLINGS_CHANGE', 'dwellings', dwellings::text,
               ceil(dwellings_before * (1 - dwellings_change)) || '…' || floor(dwellings_before * (1 + dwellings_change))
        FROM known, threshold WHERE abs(dwellings - dwellings_before) > dwellings_change * dwellings_before
        UNION ALL
        SELECT key, max(line), (array_agg(ref ORDER BY line DESC))[1], 'DUPLICATE_ACTION', 'action', action, NULL
        FROM candidate_line
        JOIN (SELECT key, actual FROM candidate_line WHERE {MayBeAlike} GROUP BY key, actual HAVING count(*) > 1) same_amount
          USING (key, actual)
        GROUP BY key, action, actual HAVING count(*) > 1
        UNION ALL
        SELECT key, NULL, NULL, 'QUALITATIVE_REVIEW_MISSING', 'qualitativeReview', unreviewed::text, '0'
        FROM known WHERE unreviewed > 0
        UNION ALL
        SELECT key, NULL, NULL, 'ABATEMENT_ESTIMATED', 'abatementMethod', abatement_method, 'NOTICE'
        FROM known WHERE abatement_method = 'ESTIMATE'
        """;

    /// <summary>Every broken rule of the candidates a write would change.</summary>
    public const string Findings = $"""
        SELECT {Key}, line, ref, code, field, value, expected, key
        FROM (
            {Refusals}
            UNION ALL
            SELECT * FROM ({Anomalies}) anomaly WHERE key NOT IN (SELECT key FROM candidate_state WHERE outcome = 'unchanged')) broken
        JOIN candidate USING (key)
        """;

    public const string InOrder = "ORDER BY key, line NULLS FIRST, code";

    /// <summary>
    /// Writes the headers that <c>candidate_state</c> foresees, or the part of them that <paramref name="slice"/>, a condition on
    /// <c>key</c>, selects: WITH members, the last of which is <c>saved</c>.
    /// </summary>
    public static string SaveHeaders(bool submit, string slice = "true") => $"""
        created AS (
            INSERT INTO declaration ({Key}, status, action, version, lines_version, ever_submitted, change_set_id)
            SELECT {Key}, {(submit ? "'SUBMITTED', 'SUBMITTED'" : "'DRAFT', 'SAVED'")}, 1, 1, {Literal(submit)},
              (SELECT current_change_set())
            FROM candidate_state WHERE id IS NULL AND {slice} ORDER BY key
            ON CONFLICT ({Key}) DO NOTHING
            RETURNING {Key}, id, version, lines_version),
        changed AS (
            UPDATE declaration d
            SET status = {StatusAfter(submit)}, action = {(submit ? "'SUBMITTED'" : "'SAVED'")}, comment = NULL, version = d.version + 1,
                lines_version = CASE WHEN s.same THEN d.lines_version ELSE d.version + 1 END,
                ever_submitted = d.ever_submitted OR {Literal(submit)}, change_set_id = (SELECT current_change_set())
            FROM candidate_state s WHERE d.id = s.id AND s.id IS NOT NULL AND s.outcome <> 'unchanged' AND {slice}
            RETURNING d.landlord_siren, d.year, d.qpv_code, d.id, d.version, d.lines_version),
        saved AS (
            SELECT key, s.id, s.version, s.lines_version
            FROM (SELECT * FROM created UNION ALL SELECT * FROM changed) s JOIN candidate USING ({Key}))
        """;

    /// <summary>Writes the lines of the headers in the relation <c>written (key, id, version, lines_version)</c>.</summary>
    public static string SaveLines(string slice = "true") => $"""
        INSERT INTO expense_line (declaration_id, version, ref, no, axis, action, family, planned, actual, valued,
                                  landlord_funding, other_funding, quantitative_review, qualitative_review)
        SELECT w.id, w.version, l.ref, {string.Format(null, LineFields, "l")}
        FROM candidate_line l JOIN written w USING (key) WHERE w.version = w.lines_version AND {slice}
        """;

    /// <summary>
    /// What became of each candidate, told by <c>written</c>: outcome, version and id; the outcome is null where another transaction
    /// created the declaration meanwhile.
    /// </summary>
    public static string Outcomes(string slice = "true") => $"""
        SELECT s.landlord_siren, s.year, s.qpv_code, CASE WHEN w.id IS NOT NULL OR s.outcome = 'unchanged' THEN s.outcome END AS outcome,
               coalesce(w.version, s.version) AS version, coalesce(w.id, s.id) AS id
        FROM candidate_state s LEFT JOIN written w USING (key) WHERE {slice}
        """;

    /// <summary>
    /// What a write would change: <c>(object_key, outcome, version, before, after)</c>, states and lines as the API tells them.
    /// </summary>
    public static string Changes(bool submit) => $"""
        SELECT concat_ws('/', s.landlord_siren, s.year, s.qpv_code) AS object_key, s.outcome, coalesce(s.version, 0) AS version,
               CASE WHEN s.outcome = 'updated'
                 THEN jsonb_build_object('status', s.status, 'lines', coalesce(before.lines, '[]')) END AS before,
               jsonb_build_object('status', {StatusAfter(submit)}, 'lines', coalesce(after.lines, '[]')) AS after
        FROM candidate_state s
        LEFT JOIN (
            SELECT d.id, jsonb_agg({LineObject("e")} ORDER BY e.no) AS lines
            FROM candidate_state c JOIN declaration d ON d.id = c.id
              JOIN expense_line e ON e.declaration_id = d.id AND e.version = d.lines_version
            WHERE c.outcome = 'updated' GROUP BY d.id) before ON before.id = s.id
        LEFT JOIN (SELECT key, jsonb_agg({LineObject("l")} ORDER BY l.no) AS lines FROM candidate_line l GROUP BY key) after
          ON after.key = s.key
        WHERE s.outcome <> 'unchanged'
        """;

    private static string StatusAfter(bool submit) =>
        submit ? "'SUBMITTED'" : "CASE WHEN coalesce(s.status, 'DELETED') IN ('SUBMITTED', 'DELETED') THEN 'DRAFT' ELSE s.status END";

    private static string LineObject(string line) => $"""
        jsonb_build_object('ref', {line}.ref, 'axis', {line}.axis, 'action', {line}.action, 'family', {line}.family, 'planned', {line}.planned,
            'actual', {line}.actual, 'valued', {line}.valued, 'landlordFunding', {line}.landlord_funding, 'otherFunding', {line}.other_funding,
            'quantitativeReview', {line}.quantitative_review, 'qualitativeReview', {line}.qualitative_review)
        """;

    private static string Literal(bool value) => value ? "true" : "false";
}
