using GuspApi.Auth;
using GuspApi.Http;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;

namespace GuspApi.Features.Rules;

/// <summary>The rules of the trade and their thresholds.</summary>
internal static class RuleEndpoints
{
    public static void MapRules(this RouteGroupBuilder api)
    {
        var rules = api.MapGroup("/rules").WithTags("Rules");
        rules.MapGet("", List).WithName("ListRules").RequireAuthorization(Policies.Open).WithMetadata(new TagsWithRevision())
            .AnswersIn<Collection<RuleResponse>>();
        rules.MapGet("/{code}", Get).WithName("GetRule").RequireAuthorization(Policies.Open).Produces<RuleResponse>();
        rules.MapPut("/{code}", Put).WithName("PutRule").Gives("RULE_WITHOUT_THRESHOLD").RequireAuthorization(Policies.Admin)
            .Produces<RuleResponse>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
    }

    /// <summary>Every rule that a declaration can break, by code: when it refuses, what it says, its thresholds.</summary>
    private static async Task<IResult> List(Page page, Listing listing, Snapshot snapshot, GuspDb db, CancellationToken ct)
    {
        var thresholds = await db.Rules.ToDictionaryAsync(r => r.Code, ct);
        var codes = DeclarationFindings.Codes.Order(StringComparer.Ordinal).ToList();
        var rest = page.After is [var after] ? codes.Where(code => string.CompareOrdinal(code, after) > 0) : codes;
        var rows = (listing.IsWhole ? rest : rest.Take(page.Limit + 1))
            .Select(code => RuleResponse.Of(code, thresholds.GetValueOrDefault(code))).ToList();
        return listing.IsWhole
            ? new TableFile<RuleResponse>(RuleResponse.Columns, rows.ToAsyncEnumerable())
            : listing.Answer(page.Of(rows, codes.Count, snapshot.Revision, row => [row.Code]), RuleResponse.Columns);
    }

    /// <summary>One rule.</summary>
    private static async Task<IResult> Get(One<string, RuleForm> code, HttpContext http, GuspDb db, CancellationToken ct)
    {
        if (!DeclarationFindings.Codes.Contains(code.Value))
            return Problems.NotFound("rule", code.Value);
        var rule = RuleResponse.Of(code.Value, await db.Rules.SingleOrDefaultAsync(r => r.Code == code.Value, ct));
        return Etag.Resource(http, rule, rule.Version);
    }

    /// <summary>
    /// Changes the thresholds of a rule. Every declaration is judged anew in the same write, so that the anomalies shown are those of the
    /// thresholds shown. <c>If-Match</c> changes what was read.
    /// </summary>
    private static async Task<IResult> Put(
        One<string, RuleForm> code, PutRule body, One<bool, BooleanForm>? dryRun, HttpContext http, GuspDb db, CancellationToken ct)
    {
        if (!DeclarationFindings.Codes.Contains(code.Value))
            return Problems.NotFound("rule", code.Value);
        await using var write = await Write.BeginAsync(http, db, ct);
        var present = await db.Rules.FromSql($"select * from rule where code = {code.Value} for update").SingleOrDefaultAsync(ct);
        if (Conditions.Check(http.Request, present?.Version ?? 1) is { } refusal)
            return refusal;
        if (present is null)
            return Problems.Conflict("RULE_WITHOUT_THRESHOLD", WithoutThreshold);
        if (body.Broken(present) is { Count: > 0 } errors)
            return Problems.RulesBroken(errors);

        var (minimum, maximum, version) = (body.Minimum, body.Maximum!.Value, present.Version);
        if ((minimum, maximum) != (present.Minimum, present.Maximum))
        {
            version++;
            await db.Database.ExecuteSqlAsync(
                $"update rule set minimum = {minimum}, maximum = {maximum}, version = {version} where code = {present.Code}", ct);
        }
        if (dryRun is not { Value: true })
            await write.CommitAsync(ct);

        http.Response.Headers.ETag = Etag.Of(version);
        return TypedResults.Ok(RuleResponse.Of(
            present.Code, new() { Code = present.Code, Minimum = minimum, Maximum = maximum, Unit = present.Unit, Version = version }));
    }

    private static readonly Text WithoutThreshold = new(
        "This rule has no threshold: there is nothing to change.", "Cette règle n'a pas de seuil : il n'y a rien à changer.");
}
