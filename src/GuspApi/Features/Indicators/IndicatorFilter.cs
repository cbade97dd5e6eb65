using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Indicators;

/// <summary>What <c>/v1/indicators</c> can be asked.</summary>
/// <param name="From">First year; the last complete year unless said.</param>
/// <param name="To">Last year; the last complete year unless said.</param>
/// <param name="GroupBy">Up to three dimensions, in the order of the rows.</param>
/// <param name="Region">Region codes.</param>
/// <param name="Department">Département codes.</param>
/// <param name="Epci">SIRENs of EPCI; none for the QPVs without.</param>
/// <param name="Commune">INSEE commune codes; none for the QPVs without.</param>
/// <param name="Qpv">QPV codes.</param>
/// <param name="Landlord">SIRENs of landlords.</param>
/// <param name="Family">Families of landlords.</param>
/// <param name="Axis">Axes, 1 to 8.</param>
/// <param name="Theme">Themes of the leaflet.</param>
/// <param name="LineFamily">Families of lines.</param>
/// <param name="Status">Which version of a declaration counts.</param>
/// <param name="Perimeter">Which holdings the denominators count.</param>
/// <param name="LandlordBasis">Whether a landlord is the one that declared, or the last of its successors today (<c>current</c>).</param>
/// <param name="QpvBasis">Whether a QPV is the one that was declared, or the one of 2024 that continues it whole (<c>lineage</c>).</param>
/// <param name="Measures">The measures wanted; all unless said.</param>
/// <param name="Sort">Measures or dimensions of groupBy, with - for descending; the group codes unless said.</param>
/// <param name="Totals">Whether to add the total, each euro and each dwelling once.</param>
/// <param name="AsOf">
/// A revision or an instant: the figures as the data stood then; names and territories are today's. For known callers.
/// </param>
[InsteadOf("year", "from and to")]
internal sealed record IndicatorFilter(
    One<short, YearForm>? From,
    One<short, YearForm>? To,
    Many<Dimension, DimensionForm>? GroupBy,
    Many<string, RegionForm>? Region,
    Many<string, DepartmentForm>? Department,
    Many<string, OrNoneForm<EpciForm>>? Epci,
    Many<string, OrNoneForm<CommuneForm>>? Commune,
    Many<string, QpvForm>? Qpv,
    Many<string, SirenForm>? Landlord,
    Many<LandlordFamily, EnumForm<LandlordFamily>>? Family,
    Many<string, AxisForm>? Axis,
    Many<string, ThemeForm>? Theme,
    Many<LineFamily, EnumForm<LineFamily>>? LineFamily,
    One<IndicatorStatus, LowerCaseForm<IndicatorStatus>>? Status,
    One<Perimeter, LowerCaseForm<Perimeter>>? Perimeter,
    One<LandlordBasis, LowerCaseForm<LandlordBasis>>? LandlordBasis,
    One<QpvBasis, LowerCaseForm<QpvBasis>>? QpvBasis,
    Many<Measure, MeasureForm>? Measures,
    Many<SortKey, IndicatorSortForm>? Sort,
    One<bool, BooleanForm>? Totals,
    One<AsOf, AsOfForm>? AsOf) : IUrlParameters
{
    public const int MostDimensions = 3;

    /// <summary>The question, and every fault of it that no single parameter shows.</summary>
    public (IndicatorRequest Request, IReadOnlyList<ApiError> Errors) Read(Caller caller, DateOnly today, long? asOf)
    {
        var lastComplete = today.Year - 1;
        var request = new IndicatorRequest(From?.Value ?? lastComplete, To?.Value ?? lastComplete)
        {
            GroupBy = GroupBy?.Values ?? [],
            Filters = Filters(),
            LineFamilies = [.. LineFamily?.Values.Distinct() ?? []],
            Status = Status?.Value ?? IndicatorStatus.Validated,
            Caller = caller,
            AsOf = asOf,
            Perimeter = Perimeter?.Value ?? Indicators.Perimeter.Declared,
            LandlordBasis = LandlordBasis?.Value ?? Indicators.LandlordBasis.Declared,
            QpvBasis = QpvBasis?.Value ?? Indicators.QpvBasis.Declared,
            Measures = Measures?.Values ?? Indicators.Measures.All,
            Sort = Sort?.Values.DistinctBy(key => key.Column).ToList() ?? [],
        };
        return (request, [.. Faults(request)]);
    }

    private Dictionary<Dimension, string[]> Filters()
    {
        var filters = new Dictionary<Dimension, string[]>();
        Add(Dimensions.Region, Region?.Values);
        Add(Dimensions.Department, Department?.Values);
        Add(Dimensions.Epci, Epci?.Values);
        Add(Dimensions.Commune, Commune?.Values);
        Add(Dimensions.Qpv, Qpv?.Values);
        Add(Dimensions.Landlord, Landlord?.Values);
        Add(Dimensions.Family, Family?.Values.Select(Capitals.Of));
        Add(Dimensions.Axis, Axis?.Values);
        Add(Dimensions.Theme, Theme?.Values);
        return filters;

        void Add(Dimension dimension, IEnumerable<string>? codes)
        {
            if (codes is not null)
                filters[dimension] = [.. codes];
        }
    }

    private IEnumerable<ApiError> Faults(IndicatorRequest request)
    {
        if (request.From > request.To)
        {
            yield return ApiError.PeriodReversed(request.From, request.To, From?.Value);
        }

        if (request.GroupBy.Count > MostDimensions)
        {
            yield return ApiError.OfParameter("TOO_MANY_DIMENSIONS",
                new("Rows are grouped by three dimensions at most.", "Les lignes se groupent selon trois dimensions au plus."),
                "groupBy", string.Join(',', request.GroupBy.Select(d => d.Name)),
                new("0 to 3 of " + DimensionForm.Names, "0 à 3 de " + DimensionForm.Names));
        }

        foreach (var key in request.Sort.Where(key => key.Dimension is { } d && !request.GroupBy.Contains(d)))
        {
            yield return ApiError.OfParameter("SORT_NOT_GROUPED",
                new($"Rows cannot be sorted by {key.Dimension!.Name}: it is not in groupBy.",
                    $"Les lignes ne peuvent être triées par {key.Dimension.Name} : absent de groupBy."),
                "sort", key.Dimension.Name, new("a measure, or a dimension of groupBy", "une mesure, ou une dimension de groupBy"));
        }

        var named = (Measures?.Values ?? []).Select(m => ("measures", m))
            .Concat(request.Sort.Where(k => k.Measure is not null).Select(k => ("sort", k.Measure!)));
        foreach (var (parameter, measure) in named.Where(named => !request.Gives(named.Item2)))
        {
            var allowed = string.Join(", ", measure.AllowedDimensions.Select(d => d.Name));
            yield return ApiError.OfParameter("MEASURE_NOT_SPLIT",
                new($"{measure.Name} has no meaning by axis, theme or line family. It can be asked by {allowed}.",
                    $"{measure.Name} n'a pas de sens par axe, thème ou famille de ligne. Dimensions possibles : {allowed}."),
                parameter, measure.Name, Text.Alike(allowed));
        }
    }

    /// <summary>The position a cursor tells, or null when it is not one of this question's.</summary>
    public static IReadOnlyList<string?>? Position(string[] after, IndicatorRequest request)
    {
        if (after.Length != request.Order.Count)
            return null;
        var position = after.Select(value => value.Length == 0 ? null : value).ToList();
        for (var i = 0; i < position.Count; i++)
        {
            var isMeasure = request.Order[i].Measure is not null;
            if (position[i] is { } value
                ? value.Contains('\0') || (isMeasure && !decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out _))
                : !isMeasure)
                return null;
        }
        return position;
    }
}

/// <summary>A code, or <c>none</c> for those that have none.</summary>
internal sealed class OrNoneForm<TForm> : IForm<string> where TForm : IForm<string>
{
    public const string None = "none";

    public static Text Expected => new(TForm.Expected.En + ", or none", TForm.Expected.Fr + ", ou none");
    public static string? Pattern => TForm.Pattern is { } pattern ? $"{pattern}|^{None}$" : null;
    public static string? Example => TForm.Example;

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        if (text != None)
            return TForm.TryRead(text, out value);
        value = Dimensions.NoCode;
        return true;
    }
}

internal sealed class DimensionForm : IForm<Dimension>
{
    public static readonly string Names = string.Join(", ", Dimensions.All.Select(d => d.Name));

    public static Text Expected => Text.OneOf(Names);
    public static IReadOnlyList<string>? Words => [.. Dimensions.All.Select(d => d.Name)];

    public static bool TryRead(string text, [MaybeNullWhen(false)] out Dimension value) => (value = Dimensions.Find(text)) is not null;
}

internal sealed class MeasureForm : IForm<Measure>
{
    public static readonly string Names = string.Join(", ", Measures.All.Select(m => m.Name));

    public static Text Expected => Text.OneOf(Names);
    public static IReadOnlyList<string>? Words => [.. Measures.All.Select(m => m.Name)];

    public static bool TryRead(string text, [MaybeNullWhen(false)] out Measure value) => (value = Measures.Find(text)) is not null;
}

internal sealed class IndicatorSortForm : IForm<SortKey>
{
    public static Text Expected => new(
        $"a measure or a dimension of groupBy, with - before it for descending; one of {MeasureForm.Names}, {DimensionForm.Names}",
        $"une mesure ou une dimension de groupBy, précédée de - pour décroître ; l'une de {MeasureForm.Names}, {DimensionForm.Names}");
    public static IReadOnlyList<string>? Words =>
        [.. Measures.All.Select(m => m.Name).Concat(Dimensions.All.Select(d => d.Name)).Distinct()
            .SelectMany(name => new[] { name, "-" + name })];

    public static bool TryRead(string text, [MaybeNullWhen(false)] out SortKey value)
    {
        var name = text.StartsWith('-') ? text[1..] : text;
        var key = new SortKey(Measures.Find(name), Dimensions.Find(name), text.StartsWith('-'));
        value = key;
        return key.Measure is not null || key.Dimension is not null;
    }
}

internal sealed class AxisForm : IForm<string>
{
    public static Text Expected => new("an axis, from 1 to 8", "un axe, de 1 à 8");
    public static string? Pattern => "^[1-8]$";
    public static string? Example => "3";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length == 1 && text[0] is >= '1' and <= '8';
    }
}

internal sealed class ThemeForm : IForm<string>
{
    public static Text Expected => new("the code of a theme in capitals, such as PROXIMITE (see /v1/themes)",
        "le code d'un thème en capitales, tel que PROXIMITE (voir /v1/themes)");
    public static string? Pattern => "^[A-Z][A-Z0-9_]{0,39}$";
    public static string? Example => "PROXIMITE";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= 40 && char.IsAsciiLetterUpper(text[0])
            && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_');
    }
}
