using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Nomenclature;

/// <summary>An axis of the national framework of 29 April 2015.</summary>
/// <param name="Number">1 to 8.</param>
/// <param name="Label">Its exact French label.</param>
/// <param name="Theme">Code of the theme under which this region prints it.</param>
/// <param name="Source">Where this comes from.</param>
/// <param name="SourceDate">The day of the source.</param>
public sealed record AxisResponse(int Number, string Label, string Theme, string Source, DateOnly SourceDate)
{
    internal static readonly Expression<Func<Axis, AxisResponse>> From = a => new(a.Number, a.Label, a.ThemeCode, a.Source, a.SourceDate);

    internal static readonly Columns<AxisResponse> Columns = new()
    {
        { "number", "numero", a => a.Number }, { "label", "libelle", a => a.Label }, { "theme", a => a.Theme },
        { "source", "source", a => a.Source }, { "source_date", "date_source", a => a.SourceDate },
    };
}

/// <summary>A theme: how this region groups the axes. Others group otherwise.</summary>
/// <param name="Code">Its code: <c>PROXIMITE</c>.</param>
/// <param name="Label">Its French label.</param>
/// <param name="Rank">Its place in print.</param>
/// <param name="Source">Where this comes from.</param>
/// <param name="SourceDate">The day of the source.</param>
public sealed record ThemeResponse(string Code, string Label, int Rank, string Source, DateOnly SourceDate)
{
    internal static readonly Expression<Func<Theme, ThemeResponse>> From = t => new(t.Code, t.Label, t.Rank, t.Source, t.SourceDate);

    internal static readonly Columns<ThemeResponse> Columns = new()
    {
        { "code", t => t.Code }, { "label", "libelle", t => t.Label }, { "rank", "rang", t => t.Rank },
        { "source", "source", t => t.Source }, { "source_date", "date_source", t => t.SourceDate },
    };
}

internal sealed class ThemeForm : IForm<string>
{
    public static Text Expected => new("the code of a theme, such as PROXIMITE", "le code d'un thème, tel que PROXIMITE");
    public static string? Pattern => "^[A-Z][A-Z_]{0,39}$";
    public static string? Example => "PROXIMITE";

    public static bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= 40 && char.IsAsciiLetterUpper(text[0])
            && text.All(letter => char.IsAsciiLetterUpper(letter) || letter == '_');
    }
}
