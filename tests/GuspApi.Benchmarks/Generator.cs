using System.Globalization;
using GuspApi.Development;
using GuspApi.Model;
using Npgsql;

namespace GuspApi.Benchmarks;

/// <summary>How much there is: each QPV has so many landlords, each of which declares so many lines there every year.</summary>
internal sealed record Scale(string Name, int Qpvs, int Landlords, int From, int To, int LandlordsPerQpv, int FewestLines, int MostLines)
{
    /// <summary>Hauts-de-France over the leaflet's four years: about 25 000 lines.</summary>
    public static readonly Scale S = new("S", 199, 40, 2019, 2022, 3, 8, 13);

    /// <summary>The country over ten years: 60 000 declarations, about 600 000 lines.</summary>
    public static readonly Scale M = new("M", 1500, 450, 2015, 2024, 4, 8, 12);

    /// <summary>Ten million lines: more than the trade will ever see.</summary>
    public static readonly Scale L = new("L", 1500, 450, 2015, 2024, 10, 64, 69);

    public int Declarations => Qpvs * LandlordsPerQpv * (To - From + 1);

    public static Scale Of(string name) => Array.Find([S, M, L], scale => scale.Name == name.ToUpperInvariant())
        ?? throw new ArgumentException($"{name} is no scale: S, M or L.");
}

/// <summary>
/// Invented data of a scale, always the same, into a database that has its schema and reference data only. It goes the way of every write,
/// so versions, revisions, events and anomalies are there: each year is saved, submitted and validated, but for a tenth of the last year
/// that stays a draft and a tenth that waits for its validation.
/// </summary>
internal static class Generator
{
    private const int Seed = 20192022;

    /// <summary>SIRENs that begin with 998 and 999 are given to nobody.</summary>
    public static async Task RunAsync(NpgsqlDataSource source, Scale scale, CancellationToken ct)
    {
        await RunAsync(source, Territories(scale), ct);
        await RunAsync(source, Holdings(scale), ct);
        for (var year = scale.From; year <= scale.To; year++)
        {
            await RunAsync(source, Save(scale, year), ct);
            await RunAsync(source, Step(scale, year, "SUBMITTED", "", atLeast: 1), ct);
            await RunAsync(source, Step(scale, year, "VALIDATED", ", validated_version = 3, validated_lines_version = 1", atLeast: 2), ct);
        }
        await RunAsync(source, "vacuum analyze", ct);
    }

    /// <summary>
    /// QPVs lie by threes in communes, which come by fours to an EPCI; the five départements of the leaflet have as many QPVs as there.
    /// </summary>
    private static string Territories(Scale scale) => $"""
        insert into epci (code, name, source, source_date)
        select code, 'EPCI ' || code, 'invented', '2026-01-01' from unnest({Sirens(998_00000, 600)}) code;

        insert into landlord (siren, name, family, version)
        select siren, 'Bailleur inventé ' || no, (array['OPH', 'ESH', 'ESH', 'COOP', 'SEM'])[no % 5 + 1], 1
        from unnest({Sirens(999_00000, scale.Landlords)}) with ordinality l (siren, no);

        create temporary table made on commit drop as
        with known as (
          select * from (values {string.Join(", ", Leaflet.Departments.Select((d, i) => $"('{d.Code}', {d.Qpvs}, {i})"))}) k (code, qpvs,
            rank)),
        other as (
          select code, row_number() over (order by code) as rank, count(*) over () as all_others
          from department where code not in (select code from known) and length(code) <= 3 and code < '975'),
        share as (
          select code, rank, qpvs from known
          union all
          select code, 10 + rank, ({scale.Qpvs - S199} * rank / all_others) - ({scale.Qpvs - S199} * (rank - 1) / all_others) from other)
        select code as department_code, no, 'QP' || lpad(code, 3, '0') || to_char(no, 'FM000') as code,
               code || '9' || lpad(((no - 1) / 3)::text, 4 - length(code), '0') as commune_code,
               row_number() over (order by rank, no) - 1 as place
        from share cross join lateral generate_series(1, qpvs) no;

        insert into commune (code, name, department_code, epci_code, source, source_date)
        select commune_code, 'Commune ' || commune_code, department_code, ({Sirens(998_00000, 600)})[min(place) / 12 % 600 + 1],
          'invented', '2026-01-01'
        from made group by commune_code, department_code on conflict do nothing;

        insert into qpv (code, name, generation, department_code, version)
        select code, 'Quartier inventé ' || code, 2015, department_code, 1 from made order by place;

        insert into qpv_commune (qpv_code, commune_code) select code, commune_code from made
        """;

    private const int S199 = 199;

    private static string Holdings(Scale scale) => $"""
        insert into holding (landlord_siren, year, qpv_code, dwellings, abated_dwellings, abatement, abatement_method, version)
        select siren, year, code, dwellings, dwellings, dwellings * 160, case when {Dice("place * 100 + rank", 25)} = 0 then 'ESTIMATE'
          else 'NOTICE' end, 1
        from (select code, row_number() over (order by code) as place from qpv) q
        cross join generate_series(0, {scale.LandlordsPerQpv - 1}) rank
        join (select siren, row_number() over (order by siren) - 1 as no from landlord) l
          on l.no = (place * {scale.Landlords} / {scale.Qpvs} + rank) % {scale.Landlords}
        cross join generate_series({scale.From}, {scale.To}) year
        cross join lateral (select (40 + {Dice("place * 100 + rank", 300)} + (year - {scale.From}) / 3)::int as dwellings) size
        order by siren, year, code
        """;

    /// <summary>About 193 EUR a dwelling, of which 83 % are valued: the leaflet's means.</summary>
    private static string Save(Scale scale, int year) => $"""
        insert into declaration (landlord_siren, year, qpv_code, status, action, version, lines_version, ever_submitted)
        select landlord_siren, year, qpv_code, 'DRAFT', 'SAVED', 1, 1, false from holding where year = {year}
          order by landlord_siren, qpv_code;

        insert into expense_line (declaration_id, version, ref, no, axis, action, family, planned, actual, valued,
          landlord_funding, other_funding,
          quantitative_review, qualitative_review)
        select id, 1, 'L' || no, no, (no - 1) % 8 + 1, 'Action ' || no || ' de la résidence ' || {Dice("id * 128 + no", 977)},
               case when no % 3 = 0 then 'SPECIFIC' else 'REINFORCEMENT' end, round(actual), actual, round(actual * 0.83, 2),
                 actual - other, other,
               {Dice("id + no", 40)} || ' passages', case when {Dice("id * 128 + no", 997)} > 0 then 'Bilan satisfaisant, à poursuivre' end
        from (
          select d.id, h.dwellings, {scale.FewestLines} + {Dice("d.id", scale.MostLines - scale.FewestLines + 1)} as lines
          from declaration d join holding h using (landlord_siren, year, qpv_code) where year = {year}) d
        cross join lateral generate_series(1, lines::int) no
        cross join lateral (select round(dwellings * 193.0 / lines * (900 + {Dice("id * 128 + no", 201)}) / 1000, 2) as actual) amount
        cross join lateral (select case when no % 5 = 0 then round(actual / 10, 2) else 0 end as other) funding
        order by id, no
        """;

    /// <summary>A tenth of the last year has taken no step, a tenth one.</summary>
    private static string Step(Scale scale, int year, string status, string more, int atLeast) => $"""
        update declaration
        set status = '{status}', action = '{status}', version = version + 1, ever_submitted = true, change_set_id = current_change_set(){more}
        where year = {year}{(year == scale.To ? $" and {Dice("id", 10)} >= {atLeast}" : "")}
        """;

    private static string Sirens(int first, int count) =>
        $"array['{string.Join("','", Enumerable.Range(first, count).Select(i => Siren.Complete(i.ToString(CultureInfo.InvariantCulture))))}']";

    /// <summary>A number from 0 to below so many sides, always the same for the same value.</summary>
    private static string Dice(string value, int sides) => $"abs(hashint8extended({value}, {Seed}) % {sides})";

    /// <summary>In one transaction, as each write is.</summary>
    private static async Task RunAsync(NpgsqlDataSource source, string sql, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
    }
}
