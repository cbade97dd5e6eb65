using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>Where the code of a dimension is read: the territory of the QPV, the landlord × QPV × year, or the axis of the line.</summary>
internal enum DimensionOf
{
    Place,
    Cell,
    Line,
}

/// <summary>One way to group and to filter: how its code is read, how a code gets its label, and what stands where there is none.</summary>
/// <param name="Name">As in <c>groupBy</c> and as the filter's name.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Of">The relation that holds its code.</param>
/// <param name="Key">SQL of the code, over the alias of its relation: <c>p</c> place, <c>c</c> a landlord there, or a year, <c>a</c> axis.</param>
/// <param name="LabelOf">SQL of the label, for a code given as SQL.</param>
/// <param name="Known">SQL of all known codes, to warn of the unknown ones; null where the form alone decides.</param>
/// <param name="Absent">The label of rows that have no code.</param>
internal sealed record Dimension(
    string Name, Text Label, DimensionOf Of, string Key, Func<string, string> LabelOf, string? Known = null, string? Absent = null)
{
    /// <summary>Its column in every relation of the composed query.</summary>
    public string Column => "g_" + Name;

    /// <summary>Amounts of holdings do not split by it.</summary>
    public bool SplitsLines => Of == DimensionOf.Line;
}

/// <summary>Every dimension there is. Territories and themes are today's.</summary>
internal static class Dimensions
{
    /// <summary>Stands for "no code" inside a query, since NULL neither joins nor pages; no code contains it and it sorts last.</summary>
    public const string NoCode = "~";

    public static readonly Dimension Year = new("year", new("Year", "Année"), DimensionOf.Cell, "c.year::text", code => code);

    public static readonly Dimension Region = new("region", new("Region", "Région"), DimensionOf.Place,
        "p.region_code", NameAmong("region"), "select code from region");

    public static readonly Dimension Department = new("department", new("Département", "Département"), DimensionOf.Place,
        "p.department_code", NameAmong("department"), "select code from department");

    public static readonly Dimension Epci = new("epci", new("Group of communes (EPCI)", "EPCI"), DimensionOf.Place,
        "p.epci_code", NameIn("epci"), "select code from epci", "sans EPCI");

    public static readonly Dimension Commune = new("commune", new("Commune", "Commune"), DimensionOf.Place,
        "p.commune_code", NameIn("commune"), "select code from commune", "sans commune");

    public static readonly Dimension Qpv = new("qpv", new("Priority neighbourhood (QPV)", "QPV"), DimensionOf.Place,
        "p.qpv_key", NameIn("qpv"), "select code from qpv");

    public static readonly Dimension Landlord = new("landlord", new("Landlord", "Bailleur"), DimensionOf.Cell,
        "c.landlord_key", NameIn("landlord", "siren"), "select siren from landlord");

    public static readonly Dimension Family = new("family", new("Family of the landlord", "Famille du bailleur"), DimensionOf.Cell,
        "c.family", code => $"""
            case {code} when 'OPH' then 'Office public de l''habitat' when 'ESH' then 'Entreprise sociale pour l''habitat'
              when 'COOP' then 'Coopérative d''Hlm' when 'SEM' then 'Société d''économie mixte' else 'Autre' end
            """);

    public static readonly Dimension Axis = new("axis", new("Axis of the national framework", "Axe du cadre national"), DimensionOf.Line,
        "a.number::text", code => $"(select label from axis where number::text = {code})", "select number::text from axis");

    public static readonly Dimension Theme = new("theme", new("Theme", "Thème"), DimensionOf.Line,
        "a.theme_code", code => $"(select label from theme where code = {code})", "select code from theme");

    public static readonly IReadOnlyList<Dimension> All =
        [Year, Region, Department, Epci, Commune, Qpv, Landlord, Family, Axis, Theme];

    public static Dimension? Find(string name) => All.FirstOrDefault(dimension => dimension.Name == name);

    /// <summary>Looked up in the index of the codes, which are compared there as the database compares texts.</summary>
    private static Func<string, string> NameIn(string table, string key = "code") =>
        code => $"(select name from {table} where {key} = {code} collate \"default\")";

    /// <summary>Of a hundred at most, gathered once: PostgreSQL would read through them for each row.</summary>
    private static Func<string, string> NameAmong(string table) => code => $"(select jsonb_object_agg(code, name) from {table}) ->> {code}";
}
