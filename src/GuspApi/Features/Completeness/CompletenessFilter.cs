using GuspApi.Http;
using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Completeness;

/// <summary>Which expected declarations.</summary>
/// <param name="From">First year; the last complete year unless from, to or year says.</param>
/// <param name="To">Last year; the last complete year unless from, to or year says.</param>
/// <param name="Year">Years.</param>
/// <param name="Landlord">SIRENs of landlords.</param>
/// <param name="Department">Département codes.</param>
/// <param name="Epci">SIRENs of EPCI.</param>
/// <param name="Commune">INSEE commune codes.</param>
/// <param name="Qpv">QPV codes.</param>
internal sealed record CompletenessFilter(
    One<short, YearForm>? From, One<short, YearForm>? To, Many<short, YearForm>? Year, Many<string, SirenForm>? Landlord,
    Many<string, DepartmentForm>? Department, Many<string, EpciForm>? Epci, Many<string, CommuneForm>? Commune,
    Many<string, QpvForm>? Qpv) : IUrlParameters
{
    private const short FirstYear = 2015, LastYear = 2100;

    /// <summary>The refusal of a period that ends before it begins; else null.</summary>
    public Problem? Refusal(int currentYear)
    {
        var (from, to) = Period(currentYear);
        return from <= to ? null : Problems.InvalidParameters([ApiError.PeriodReversed(from, to, From?.Value)]);
    }

    private (short From, short To) Period(int currentYear) => Year is null
        ? (From?.Value ?? (short)(currentYear - 1), To?.Value ?? (short)(currentYear - 1))
        : (From?.Value ?? FirstYear, To?.Value ?? LastYear);

    /// <summary>Conditions over an expected declaration e.</summary>
    public string Declarations(int currentYear, NpgsqlParameterCollection parameters)
    {
        var (from, to) = Period(currentYear);
        parameters.Add(new("from", NpgsqlDbType.Smallint) { Value = from });
        parameters.Add(new("to", NpgsqlDbType.Smallint) { Value = to });
        return "e.year between @from and @to"
            + Among("e.year", "year", NpgsqlDbType.Smallint, Year?.Values, parameters)
            + Among("e.landlord_siren", "landlord", NpgsqlDbType.Text, Landlord?.Values, parameters);
    }

    /// <summary>Conditions over a QPV q, its commune t in which it lies whole or in part.</summary>
    public string Places(NpgsqlParameterCollection parameters) => "true"
        + Among("q.department_code", "department", NpgsqlDbType.Text, Department?.Values, parameters)
        + Among("t.epci_code", "epci", NpgsqlDbType.Text, Epci?.Values, parameters)
        + Among("t.code", "commune", NpgsqlDbType.Text, Commune?.Values, parameters)
        + Among("q.code", "qpv", NpgsqlDbType.Text, Qpv?.Values, parameters);

    public async Task WarnAsync(Listing listing, GuspDb db, CancellationToken ct)
    {
        await listing.WarnAsync("landlord", Landlord?.Values, db.Landlords.Select(l => l.Siren), ct);
        await listing.WarnAsync("department", Department?.Values, db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("epci", Epci?.Values, db.Epcis.Select(e => e.Code), ct);
        await listing.WarnAsync("commune", Commune?.Values, db.Communes.Select(c => c.Code), ct);
        await listing.WarnAsync("qpv", Qpv?.Values, db.Qpvs.Select(q => q.Code), ct);
    }

    private static string Among<T>(
        string column, string name, NpgsqlDbType type, IReadOnlyList<T>? values, NpgsqlParameterCollection parameters)
    {
        if (values is null)
            return "";
        parameters.Add(new(name, NpgsqlDbType.Array | type) { Value = values.ToArray() });
        return $" and {column} = any (@{name})";
    }
}
