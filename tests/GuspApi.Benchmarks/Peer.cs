using System.Text.Json;

namespace GuspApi.Benchmarks;

/// <summary>What is asked of a peer, with a body where it is GraphQL, and what its answer holds so many times.</summary>
internal sealed record Question(string Path, string? Body, string Holds, int Times = 1);

/// <summary>50 declarations of a département and year; all of its QPVs are told too, for who cannot look for them by it.</summary>
internal sealed record PageAsked(string Department, int Year, IReadOnlyList<string> Qpvs);

/// <summary>
/// What a user could have instead: a folder of peers/ with its packages and a server.mjs that starts it and prints its address. How it is
/// asked what the API is asked, or as near as it can be, and the goals: how many times its rate the API should reach.
/// </summary>
internal sealed record Peer(
    string Name, string Folder, string LandlordGoal, Func<string, Question> Landlord, string PageGoal, Func<PageAsked, Question> Page,
    string IndicatorsGoal = "", Question? Indicators = null)
{
    public static readonly Peer[] All =
    [
        new("Fastify + pg", "fastify",
            "≥ 1.1", siren => new($"/landlords/{siren}", null, siren),
            "≥ 1.58", page => Rows(page, $"/declarations?department={page.Department}&year={page.Year}"),
            "≥ 1.03", new("/indicators", null, "\"59\"")),

        new("Platformatic DB", "platformatic",
            "≥ 1.9", siren => new($"/landlord/{siren}", null, siren),
            "≥ 8.5", page =>
            {
                var where = $$"""
                    { year: { eq: {{page.Year}} }, qpvCode: { in: {{JsonSerializer.Serialize(page.Qpvs)}} }, validatedVersion: { neq: null } }
                    """;
                // landlordSir, qpvCo and departmentCo are its own: it cuts the names of keys as if they ended in _id.
                return Rows(page, "/graphql", $$"""
                    {
                      declaration(where: {{where}}, limit: 50, orderBy: [
                        {field: landlordSiren, direction: ASC}, {field: year, direction: ASC}, {field: qpvCode, direction: ASC}
                      ]) { landlordSir { siren name } qpvCo { code name departmentCo { code } } year validatedVersion }
                      countDeclaration(where: {{where}}) { total }
                    }
                    """);
            },
            "≥ 1.09", new("/indicators", null, "\"59\"")),

        new("PostGraphile", "postgraphile",
            "≥ 3.2", siren => new("/graphql", GraphQL($$"""
                { landlordBySiren(siren: "{{siren}}") { siren name family activeFrom activeTo successorSiren version } }
                """), siren),
            "≥ 5.2", page => Rows(page, "/graphql", $$"""
                {
                  peerDeclarationsOf(department: "{{page.Department}}", ofYear: {{page.Year}}, first: 50) {
                    totalCount
                    nodes {
                      landlordByLandlordSiren { siren name } qpvByQpvCode { code name departmentCode } year validatedVersion
                      totals { lines planned actual valued landlordFunding otherFunding }
                    }
                  }
                }
                """),
            "≥ 1.22", new("/graphql", GraphQL("{ peerIndicators }"), "\"59\"")),

        new("Directus", "directus",
            "≥ 35", siren => new($"/items/landlord/{siren}", null, siren),
            "≥ 23", page => Rows(page, "/items/declaration?limit=50&sort=landlord_siren,year,qpv_code&meta=filter_count"
                + "&fields=landlord_siren.siren,landlord_siren.name,qpv_code.code,qpv_code.name,qpv_code.department_code,year,validated_version"
                + $"&filter[qpv_code][department_code][_eq]={page.Department}&filter[year][_eq]={page.Year}&filter[validated_version][_nnull]=true")),
    ];

    private static Question Rows(PageAsked page, string path, string? query = null) =>
        new(path, query is null ? null : GraphQL(query), $"\"year\":{page.Year}", 50);

    private static string GraphQL(string query) => JsonSerializer.Serialize(new { query });
}
