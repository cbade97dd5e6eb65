using System.Runtime.CompilerServices;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Completeness;

/// <summary>Counts and lists expected declarations (Database/Sql/22_expected_declaration.sql).</summary>
internal sealed class CompletenessQuery(NpgsqlConnection connection, CompletenessFilter filter, int currentYear)
{
    /// <summary>Stands for "no code" inside a query, since NULL does not page; it sorts last.</summary>
    private const string NoCode = "~";

    /// <summary>
    /// How a dimension is read: its code, of a QPV q in a commune t or of the expected declaration e, and its label, looked up in the
    /// index of the codes, which are compared there as the database compares texts.
    /// </summary>
    private sealed record Source(string Name, bool OfPlace, string Code, string Label)
    {
        public string Column => "g_" + Name;

        public static Source Of(CompletenessDimension dimension) => dimension switch
        {
            CompletenessDimension.Landlord => new(
                "landlord", false, "e.landlord_siren", "(select name from landlord where siren = g_landlord collate \"default\")"),
            CompletenessDimension.Department => new(
                "department", true, "q.department_code", "(select name from department where code = g_department collate \"default\")"),
            CompletenessDimension.Epci => new(
                "epci", true, $"coalesce(t.epci_code, '{NoCode}')",
                "coalesce((select name from epci where code = g_epci collate \"default\"), 'sans EPCI')"),
            _ => new("year", false, "e.year::text", "g_year"),
        };
    }

    /// <summary>Rows by group, those after the cursor; and the number of all groups.</summary>
    public async Task<(List<CompletenessRow> Rows, long Total)> CountAsync(
        IReadOnlyList<CompletenessDimension> groupBy, string[]? after, int limit, CancellationToken ct)
    {
        var groups = groupBy.Select(Source.Of).ToList();
        var ofPlace = groups.Where(group => group.OfPlace).ToList();
        await using var command = new NpgsqlCommand { Connection = connection };
        command.CommandText = $"""
            with {Place(ofPlace, command.Parameters)},
            cell as (
              select e.received, e.validated, e.late, e.has_campaign{string.Concat(ofPlace.Select(group => $", p.{group.Column}"))}
                     {Codes(groups.Except(ofPlace))}
              from expected_declaration e join place p using (qpv_code)
              where {filter.Declarations(currentYear, command.Parameters)}
            ),
            figure as (
              select {string.Concat(groups.Select(group => group.Column + ", "))}count(*)::int as expected,
                     (count(*) filter (where received))::int as received,
                     case when bool_or(has_campaign) then (count(*) filter (where late))::int end as late,
                     (count(*) filter (where validated))::int as validated
              from cell
              {(groups.Count > 0 ? "group by " + Keys(groups) : "")}
              having count(*) > 0
            )
            select (select count(*) from figure), expected, received, late, validated
                   {string.Concat(groups.Select(group => $", {group.Column}, {group.Label}"))}
            from figure
            {(groups.Count > 0 && after?.Length == groups.Count ? $"where ({Keys(groups)}) > ({After(after, command.Parameters)})" : "")}
            {(groups.Count > 0 ? "order by " + Keys(groups) : "")}
            limit {limit}
            """;
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (rows, total) = (new List<CompletenessRow>(), 0L);
        while (await reader.ReadAsync(ct))
        {
            total = reader.GetInt64(0);
            var codes = groups.Index().ToDictionary(group => group.Item.Name, group => Group(reader, 5 + 2 * group.Index));
            rows.Add(
                Row(codes, reader.GetInt32(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetInt32(3), reader.GetInt32(4)));
        }
        return (rows, total);
    }

    /// <summary>The whole query as one row, each holding once.</summary>
    public async Task<CompletenessRow> TotalAsync(CancellationToken ct) =>
        (await CountAsync([], null, 1, ct)).Rows.SingleOrDefault() ?? Row([], 0, 0, null, 0);

    /// <summary>The missing ones of the caller's perimeter, those after the cursor; and, with each, the number of all.</summary>
    public async IAsyncEnumerable<(MissingDeclaration Row, long Total)> MissingAsync(
        Caller caller, string[]? after, int? limit, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        command.Parameters.VisibleTo(caller);
        command.Parameters.Add(new("limit", NpgsqlDbType.Integer) { Value = (object?)limit ?? DBNull.Value });
        var beyond = "true";
        if (after is [var siren, var year, var qpv] && short.TryParse(year, out var afterYear))
        {
            beyond = "(landlord_siren, year, qpv_code) > (@after0, @afterYear, @after1)";
            After([siren, qpv], command.Parameters);
            command.Parameters.Add(new("afterYear", NpgsqlDbType.Smallint) { Value = afterYear });
        }
        command.CommandText = $"""
            with {Place([], command.Parameters)},
            missing as materialized (
              select e.* from {Visibility.MissingDeclarations} e join place using (qpv_code)
              where {filter.Declarations(currentYear, command.Parameters)}
            )
            select (select count(*) from missing), e.landlord_siren, l.name, e.qpv_code, q.name, e.year, e.dwellings,
              e.abatement, e.due_on, e.state
            from (select * from missing where {beyond} order by landlord_siren, year, qpv_code limit @limit) e
            join landlord l on l.siren = e.landlord_siren join qpv q on q.code = e.qpv_code
            order by e.landlord_siren, e.year, e.qpv_code
            """;
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            yield return (new(
                new(row.GetString(1), row.GetString(2)), new(row.GetString(3), row.GetString(4)), row.GetInt16(5), row.GetInt32(6),
                row.GetDecimal(7), row.IsDBNull(8) ? null : row.GetFieldValue<DateOnly>(8),
                row.IsDBNull(9) ? null : Capitals.Parse<MissingState>(row.GetString(9))), row.GetInt64(0));
        }
    }

    /// <summary>The QPVs of the question, once in each group of theirs: one in two EPCI is whole under each.</summary>
    private string Place(IEnumerable<Source> groups, NpgsqlParameterCollection parameters) => $"""
        place as (
          select distinct q.code as qpv_code{Codes(groups)}
          from qpv q left join qpv_commune m on m.qpv_code = q.code left join commune t on t.code = m.commune_code
          where {filter.Places(parameters)}
        )
        """;

    private static string Codes(IEnumerable<Source> groups) =>
        string.Concat(groups.Select(group => $", ({group.Code}) collate \"C\" as {group.Column}"));

    private static string Keys(IEnumerable<Source> groups) => string.Join(", ", groups.Select(group => group.Column));

    private static string After(string[] codes, NpgsqlParameterCollection parameters)
    {
        for (var i = 0; i < codes.Length; i++)
            parameters.Add(new("after" + i, NpgsqlDbType.Text) { Value = codes[i].Replace("\0", "") });
        return string.Join(", ", codes.Select((_, i) => "@after" + i));
    }

    private static GroupValue Group(NpgsqlDataReader reader, int column) =>
        new(reader.GetString(column) is var code && code == NoCode ? null : code, reader.GetString(column + 1));

    /// <summary>Where a page goes on: the codes of the last group.</summary>
    public static string[] Position(CompletenessRow row, IReadOnlyList<CompletenessDimension> groupBy) =>
        [.. groupBy.Select(dimension => row.Group[Source.Of(dimension).Name].Code ?? NoCode)];

    private static CompletenessRow Row(Dictionary<string, GroupValue> group, int expected, int received, int? late, int validated) => new(
        group, expected, received, late, validated, expected - received,
        expected == 0 ? null : Math.Round((decimal)received / expected, 4, MidpointRounding.AwayFromZero) + 0.0000m);
}
