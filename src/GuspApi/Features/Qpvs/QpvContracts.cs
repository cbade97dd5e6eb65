using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Qpvs;

/// <summary>A priority neighbourhood (quartier prioritaire de la politique de la ville).</summary>
/// <param name="Code">Its code: <c>QP059001</c> (2015 list) or <c>QN05901M</c> (2024 list).</param>
/// <param name="Name">Its name; several may share one.</param>
/// <param name="Generation">2015 or 2024: the list it belongs to.</param>
/// <param name="Department">Its département.</param>
/// <param name="Region">Its region.</param>
/// <param name="Communes">The communes it lies in, whole or in part, each with its EPCI.</param>
/// <param name="Predecessors">Codes of the 2015 list that it continues.</param>
/// <param name="Successors">Codes of the 2024 list that continue it.</param>
/// <param name="Version">Its version, as in the ETag.</param>
public sealed record QpvResponse(
    string Code, string Name, int Generation, CodeAndName Department, CodeAndName Region, IReadOnlyList<CommuneOfQpv> Communes,
    IReadOnlyList<string> Predecessors, IReadOnlyList<string> Successors, int Version)
{
    /// <summary>The EPCI of its communes; empty when they have none.</summary>
    public IReadOnlyList<CodeAndName> Epcis =>
        [.. Communes.Select(commune => commune.Epci).OfType<CodeAndName>().DistinctBy(epci => epci.Code)];

    /// <summary>GeoJSON geometry (WGS 84), on the single resource, where known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonDocument? Geometry { get; init; }

    internal static Expression<Func<Qpv, QpvResponse>> From(GuspDb db) => q => new(
        q.Code, q.Name, q.Generation, new CodeAndName(q.Department!.Code, q.Department.Name),
        new CodeAndName(q.Department.Region!.Code, q.Department.Region.Name),
        q.Communes.OrderBy(c => c.CommuneCode).Select(c => new CommuneOfQpv(
            c.Commune!.Code, c.Commune.Name, c.Commune.Epci == null ? null : new CodeAndName(c.Commune.Epci.Code, c.Commune.Epci.Name)))
                .ToList(),
        db.QpvLineages.Where(l => l.SuccessorCode == q.Code).Select(l => l.PredecessorCode).OrderBy(code => code).ToList(),
        db.QpvLineages.Where(l => l.PredecessorCode == q.Code).Select(l => l.SuccessorCode).OrderBy(code => code).ToList(),
        q.Version);

    /// <summary>Those of the ANCT list, and the predecessors.</summary>
    internal static readonly Columns<QpvResponse> Columns = new()
    {
        { "code_qp", q => q.Code }, { "lib_qp", q => q.Name }, { "insee_reg", q => q.Region.Code }, { "lib_reg", q => q.Region.Name },
        { "insee_dep", q => q.Department.Code }, { "lib_dep", q => q.Department.Name },
        { "insee_com", q => q.Communes.Select(c => c.Code) },
        { "lib_com", q => q.Communes.Select(c => c.Name) }, { "siren_epci", q => q.EpcisByPlace.Select(e => e.Code) },
        { "lib_epci", q => q.EpcisByPlace.Select(e => e.Name) }, { "predecessors", q => string.Join(' ', q.Predecessors) },
    };

    /// <summary>
    /// What a table says of the EPCI: one for all communes, or one for each in their order; none where a commune has none, since places
    /// would not tell which.
    /// </summary>
    private IEnumerable<CodeAndName> EpcisByPlace =>
        Communes.Any(c => c.Epci is null) ? [] : Epcis.Count == 1 ? Epcis : Communes.Select(c => c.Epci!);
}

/// <summary>A commune of a QPV.</summary>
/// <param name="Code">INSEE code.</param>
/// <param name="Name">Its present name.</param>
/// <param name="Epci">Its EPCI, or null.</param>
public sealed record CommuneOfQpv(string Code, string Name, CodeAndName? Epci);

/// <summary>What a QPV is to become, as a whole. Its génération is told by its code, its département by its communes.</summary>
/// <param name="Name">Its name, 1 to 200 characters.</param>
/// <param name="Communes">INSEE codes of its communes, all of one département.</param>
/// <param name="Predecessors">Codes of the 2015 list that it continues; for a QPV of the 2024 list alone.</param>
/// <param name="Geometry">GeoJSON Polygon or MultiPolygon (WGS 84), or null.</param>
[Example("""{ "name": "Quartier fictif 1 (Lille)", "communes": ["59350"], "predecessors": [], "geometry": null }""")]
public sealed record PutQpv(string? Name, IReadOnlyList<string>? Communes, IReadOnlyList<string>? Predecessors = null,
    JsonElement? Geometry = null)
{
    internal sealed class Validator : AbstractValidator<PutQpv>
    {
        public Validator()
        {
            RuleFor(q => q.Name).Must(name => !string.IsNullOrWhiteSpace(name) && name.Length <= 200 && !name.Contains('\0'))
                .Says("NAME_INVALID", "Give a name of 1 to 200 characters.", "Donnez un nom de 1 à 200 caractères.");
            RuleFor(q => q.Communes).Must(
                codes => codes is { Count: > 0 and <= 100 } && codes.All(code => code is not null && CommuneForm.TryRead(code, out _)))
                .Says("COMMUNES_INVALID", "Give the INSEE codes of its communes, at least one.",
                    "Donnez les codes INSEE de ses communes, au moins un.");
            RuleFor(q => q.Predecessors)
                .Must(codes => codes is null || (codes.Count <= 100
                    && codes.All(code => code is not null && QpvCode.IsValid(code) && QpvCode.Generation(code) == 2015)))
                .Says("PREDECESSORS_INVALID", "Predecessors are codes of the 2015 list.",
                    "Les prédécesseurs sont des codes de la liste de 2015.");
            RuleFor(q => q.Geometry).Must(
                geometry => geometry is not { ValueKind: not JsonValueKind.Null } given || GeoBox.TryRead(given, out _))
                .Says("GEOMETRY_INVALID", "A geometry is a GeoJSON Polygon or MultiPolygon in WGS 84 with closed rings.",
                    "Une géométrie est un Polygon ou MultiPolygon GeoJSON en WGS 84, aux anneaux fermés.");
        }
    }
}

/// <summary>Which QPVs: comma is OR inside a filter, filters combine with AND.</summary>
/// <param name="Q">Words of the name; accents and case are ignored.</param>
/// <param name="Department">Département codes.</param>
/// <param name="Commune">INSEE commune codes.</param>
/// <param name="Epci">SIRENs of EPCI.</param>
/// <param name="Landlord">SIRENs of landlords that have holdings there, in any year.</param>
/// <param name="Generation">Of which list.</param>
/// <param name="Bbox">Whose contour meets this box.</param>
internal sealed record QpvFilter(
    One<string, WordsForm>? Q, Many<string, DepartmentForm>? Department, Many<string, CommuneForm>? Commune, Many<string, EpciForm>? Epci,
    Many<string, SirenForm>? Landlord, Many<short, QpvGenerationForm>? Generation, One<GeoBox, BoxForm>? Bbox) : IUrlParameters;

internal sealed class QpvGenerationForm : IForm<short>
{
    public static Text Expected => new("2015 or 2024", "2015 ou 2024");
    public static IReadOnlyList<string>? Words => ["2015", "2024"];

    public static bool TryRead(string text, out short value)
    {
        value = text == "2015" ? (short)2015 : (short)2024;
        return text is "2015" or "2024";
    }
}

internal sealed class BoxForm : IForm<GeoBox>
{
    public static Text Expected => new("four numbers in degrees: west,south,east,north", "quatre nombres en degrés : ouest,sud,est,nord");
    public static string? Pattern => @"^ *-?[0-9.]+ *(, *-?[0-9.]+ *){3}$";
    public static string? Example => "2.5,50.2,3.5,50.8";

    public static bool TryRead(string text, out GeoBox value)
    {
        value = default;
        var parts = text.Split(',');
        var degrees = new double[4];
        if (parts.Length != 4)
            return false;
        for (var i = 0; i < 4; i++)
        {
            const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            if (!double.TryParse(parts[i].Trim(), style, CultureInfo.InvariantCulture, out degrees[i]))
                return false;
        }
        value = new GeoBox(degrees[0], degrees[1], degrees[2], degrees[3]);
        return value is { West: >= -180, East: <= 180, South: >= -90, North: <= 90 } && value.West <= value.East
            && value.South <= value.North;
    }
}
