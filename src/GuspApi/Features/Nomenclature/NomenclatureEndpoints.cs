using System.Globalization;
using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Nomenclature;

/// <summary>The eight axes, and the themes that group them.</summary>
internal static class NomenclatureEndpoints
{
    public static void MapNomenclature(this RouteGroupBuilder api)
    {
        var nomenclature = api.MapGroup("").WithTags("Nomenclature").RequireAuthorization(Policies.Open)
            .WithMetadata(new TagsWithRevision());
        nomenclature.MapGet("/axes", Axes).WithName("ListAxes").AnswersIn<Collection<AxisResponse>>();
        nomenclature.MapGet("/axes/{number}", Axis).WithName("GetAxis");
        nomenclature.MapGet("/themes", Themes).WithName("ListThemes").AnswersIn<Collection<ThemeResponse>>();
        nomenclature.MapGet("/themes/{code}", Theme).WithName("GetTheme");
    }

    /// <summary>The eight axes of the national framework.</summary>
    private static async Task<IResult> Axes(Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var rest = page.After is [var after] && short.TryParse(after, out var number) ? db.Axes.Where(a => a.Number > number) : db.Axes;
        return await listing.AnswerAsync(
            page, db.Axes, rest.OrderBy(a => a.Number).Select(AxisResponse.From), AxisResponse.Columns,
            a => [a.Number.ToString(CultureInfo.InvariantCulture)], ct);
    }

    /// <summary>One axis.</summary>
    private static async Task<Results<Ok<AxisResponse>, Problem>> Axis(One<short, AxisForm> number, GuspDb db, CancellationToken ct) =>
        await db.Axes.Where(a => a.Number == number.Value).Select(AxisResponse.From).SingleOrDefaultAsync(ct) is { } axis
            ? TypedResults.Ok(axis)
            : Problems.NotFound("axis", number.Value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The themes of this region, by code; <c>rank</c> is their place in print.</summary>
    private static async Task<IResult> Themes(Page page, Listing listing, GuspDb db, CancellationToken ct)
    {
        var rest = page.After is [var code] ? db.Themes.Where(t => string.Compare(t.Code, code) > 0) : db.Themes;
        return await listing.AnswerAsync(
            page, db.Themes, rest.OrderBy(t => t.Code).Select(ThemeResponse.From), ThemeResponse.Columns, t => [t.Code], ct);
    }

    /// <summary>One theme.</summary>
    private static async Task<Results<Ok<ThemeResponse>, Problem>> Theme(One<string, ThemeForm> code, GuspDb db, CancellationToken ct) =>
        await db.Themes.Where(t => t.Code == code.Value).Select(ThemeResponse.From).SingleOrDefaultAsync(ct) is { } theme
            ? TypedResults.Ok(theme)
            : Problems.NotFound("theme", code.Value);
}
