using System.Text.Json;
using GuspApi.Http;
using GuspApi.Model;

namespace GuspApi.Features.Declarations;

/// <summary>What a PUT sends: the lines. What a GET shows besides them is let pass, so that what was read can be sent back.</summary>
internal static class DeclarationBody
{
    private static readonly HashSet<string> Members =
    [
        "lines", "landlord", "qpv", "year", "version", "status", "totals", "anomalies", "allowedActions", "lastAction", "comment",
        "updatedAt", "updatedBy", "validatedVersion", "late",
    ];

    private static readonly HashSet<string> LineMembers =
    [
        "ref", "axis", "action", "family", "planned", "actual", "valued", "landlordFunding", "otherFunding",
        "quantitativeReview", "qualitativeReview",
    ];

    /// <summary>The lines, or null when lines is missing or nothing can be read; faults of form are in the body's errors.</summary>
    public static List<LineDraft>? Lines(JsonElement root, JsonBody body)
    {
        if (!body.IsObject(root, ""))
            return null;
        body.Only(root, "", Members);
        return body.Items(root, "", "lines")?.Select(item => Line(item.Element, item.Pointer, body)).ToList();
    }

    private static LineDraft Line(JsonElement line, string pointer, JsonBody body)
    {
        if (!body.IsObject(line, pointer))
            return new();
        body.Only(line, pointer, LineMembers);
        return new()
        {
            Ref = body.Text(line, pointer, "ref"),
            Axis = body.Integer(line, pointer, "axis"),
            Action = body.Text(line, pointer, "action"),
            Family = body.Word(line, pointer, "family", LineRules.Reinforcement, LineRules.Specific),
            Planned = body.Number(line, pointer, "planned"),
            Actual = body.Number(line, pointer, "actual"),
            Valued = body.Number(line, pointer, "valued"),
            LandlordFunding = body.Number(line, pointer, "landlordFunding"),
            OtherFunding = body.Number(line, pointer, "otherFunding"),
            QuantitativeReview = body.Text(line, pointer, "quantitativeReview"),
            QualitativeReview = body.Text(line, pointer, "qualitativeReview"),
        };
    }

    /// <summary>The optional <c>{ "comment": "…" }</c> of a step.</summary>
    public static async Task<(string? Comment, Problem? Refusal)> CommentAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength == 0 || (request.ContentLength is null && request.ContentType is null))
            return (null, null);
        var (document, refusal) = await JsonBody.ReadAsync(request, ct);
        if (refusal is not null)
            return (null, refusal);
        using (document)
        {
            var body = new JsonBody();
            string? comment = null;
            if (body.IsObject(document!.RootElement, ""))
            {
                body.Only(document.RootElement, "", new HashSet<string> { "comment" });
                comment = body.Text(document.RootElement, "", "comment");
            }
            if (body.Errors.Count > 0)
                return (null, Problems.InvalidBody(WrongTypes, body.Errors));
            return comment?.Length > LineRules.ReviewLength
                ? (null, Problems.RulesBroken(
                    [ApiError.Of(DeclarationFindings.Of("TEXT_TOO_LONG", "comment", null, LineRules.AtMost(LineRules.ReviewLength)))]))
                : (string.IsNullOrWhiteSpace(comment) ? null : comment, null);
        }
    }

    internal static readonly Text WrongTypes = new(
        "Some members of the body are not of the expected type; see errors.",
        "Certains membres du corps ne sont pas du type attendu ; voir errors.");
}
