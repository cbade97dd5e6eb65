using System.Diagnostics.CodeAnalysis;
using GuspApi.Http;
using GuspApi.Model;
using Npgsql;
using NpgsqlTypes;

namespace GuspApi.Features.Declarations;

/// <summary>Which declarations: comma is OR inside a filter, filters combine with AND.</summary>
/// <param name="Landlord">SIRENs of landlords.</param>
/// <param name="Qpv">QPV codes.</param>
/// <param name="Department">Département codes.</param>
/// <param name="Commune">INSEE commune codes.</param>
/// <param name="Epci">SIRENs of EPCI.</param>
/// <param name="Year">Years declared.</param>
/// <param name="Status">Where in the workflow it stands.</param>
/// <param name="Anomaly">Rules that it breaks.</param>
/// <param name="UpdatedSince">Written at this instant or later.</param>
/// <param name="Late">Whether it was first submitted after the due day of its campaign.</param>
internal sealed record DeclarationFilter(
    Many<string, SirenForm>? Landlord, Many<string, QpvForm>? Qpv, Many<string, DepartmentForm>? Department,
    Many<string, CommuneForm>? Commune, Many<string, EpciForm>? Epci, Many<short, YearForm>? Year,
    Many<DeclarationStatus, ListedStatusForm>? Status, Many<string, AnomalyCodeForm>? Anomaly, One<DateTime, InstantForm>? UpdatedSince,
    One<bool, BooleanForm>? Late) : IUrlParameters
{
    /// <summary>
    /// Conditions over the seen declaration d and its change set c, as they stand or stood; their parameters go to the command.
    /// </summary>
    public string Conditions(NpgsqlParameterCollection parameters, long? asOf = null)
    {
        DeclarationReader.AddAsOf(parameters, asOf);
        var sql = "";
        void And(string condition, string name, object value, NpgsqlDbType type)
        {
            sql += " AND " + condition;
            parameters.Add(new(name, type) { Value = value });
        }

        // One value is no array: a plan made once for any value is then as good as one made for it, and needs not be made again.
        void Among<T>(string column, string name, T[]? values, NpgsqlDbType type, Func<string, string>? within = null)
        {
            if (values is not null)
                And(
                    (within ?? (condition => condition))(values.Length == 1 ? $"{column} = @{name}" : $"{column} = ANY(@{name})"), name,
                    values.Length == 1 ? values[0]! : values, values.Length == 1 ? type : NpgsqlDbType.Array | type);
        }

        Among("d.landlord_siren", "landlord", Array(Landlord?.Values), NpgsqlDbType.Text);
        Among("d.qpv_code", "qpv", Array(Qpv?.Values), NpgsqlDbType.Text);
        Among("d.department_code", "department", Array(Department?.Values), NpgsqlDbType.Text);
        Among("m.commune_code", "commune", Array(Commune?.Values), NpgsqlDbType.Text,
            among => $"EXISTS (SELECT FROM qpv_commune m WHERE m.qpv_code = d.qpv_code AND {among})");
        Among("o.epci_code", "epci", Array(Epci?.Values), NpgsqlDbType.Text,
            among => "EXISTS (SELECT FROM qpv_commune m JOIN commune o ON o.code = m.commune_code WHERE m.qpv_code "
                + $"= d.qpv_code AND {among})");
        Among("d.year", "year", Array(Year?.Values), NpgsqlDbType.Smallint);
        Among("d.status", "status", Array(Status?.Values.Select(DeclarationWorkflow.Name)), NpgsqlDbType.Text);
        Among("a.code", "anomaly", Array(Anomaly?.Values), NpgsqlDbType.Text,
            among => $"d.is_current AND d.id IN (SELECT declaration_id FROM {DeclarationReader.Anomalies(asOf)} a WHERE {among})");
        if (UpdatedSince is { Value: var since })
            And("c.at >= @since", "since", since, NpgsqlDbType.TimestampTz);
        if (Late is { Value: var late })
            And($"(SELECT l.late FROM lateness(d.id, d.year, {(asOf is null ? "NULL" : "@asOf")}) l) = @late", "late",
                late, NpgsqlDbType.Boolean);
        return sql;
    }

    /// <summary>Well-formed codes that do not exist: no error, but worth a word. A lone code that a row bears does exist.</summary>
    public async Task WarnAsync(Listing listing, GuspDb db, bool hasRows, CancellationToken ct)
    {
        await listing.WarnAsync("landlord", InDoubt(Landlord?.Values), db.Landlords.Select(l => l.Siren), ct);
        await listing.WarnAsync("qpv", InDoubt(Qpv?.Values), db.Qpvs.Select(q => q.Code), ct);
        await listing.WarnAsync("department", InDoubt(Department?.Values), db.Departments.Select(d => d.Code), ct);
        await listing.WarnAsync("commune", InDoubt(Commune?.Values), db.Communes.Select(c => c.Code), ct);
        await listing.WarnAsync("epci", InDoubt(Epci?.Values), db.Epcis.Select(e => e.Code), ct);

        IReadOnlyList<string>? InDoubt(IReadOnlyList<string>? codes) => hasRows && codes is [_] ? null : codes;
    }

    private static T[]? Array<T>(IEnumerable<T>? values) => values?.ToArray();
}

internal sealed class ListedStatusForm : IForm<DeclarationStatus>
{
    public static Text Expected => new(
        "one of DRAFT, SUBMITTED, CHANGES_REQUESTED, VALIDATED", "l'un de DRAFT, SUBMITTED, CHANGES_REQUESTED, VALIDATED");
    public static IReadOnlyList<string>? Words => ["DRAFT", "SUBMITTED", "CHANGES_REQUESTED", "VALIDATED"];

    public static bool TryRead(string text, out DeclarationStatus value) =>
        Capitals.TryParse(text, out value) && value != DeclarationStatus.Deleted;
}

internal sealed class AnomalyCodeForm : IForm<string>
{
    public static Text Expected => Text.OneOf(string.Join(", ", DeclarationFindings.AnomalyCodes));
    public static string? Example => "VALUED_VERSUS_ABATEMENT";
    public static IReadOnlyList<string>? Words => [.. DeclarationFindings.AnomalyCodes];

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return DeclarationFindings.AnomalyCodes.Contains(text);
    }
}

internal sealed class IncludedInDeclarationForm : IForm<string>
{
    public static Text Expected => Text.Alike("lines");
    public static IReadOnlyList<string>? Words => ["lines"];

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text == "lines";
    }
}
