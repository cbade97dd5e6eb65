using static GuspApi.Tests.Access.State;
using static GuspApi.Tests.Access.Who;

namespace GuspApi.Tests.Access;

/// <summary>
/// One row of the table: an operation of the contract, how it is called on an object, in which states, and what each caller gets.
/// <c>{key}</c> in the path is the object's.
/// </summary>
internal sealed record Access(string Operation, string Method, string Path, Func<Who, State, int> Expected)
{
    public IReadOnlyList<State> States { get; init; } = [Absent];
    public string? Body { get; init; }
    public string ContentType { get; init; } = "application/json";
    public Func<State, (string Name, string Value)[]> Headers { get; init; } = _ => [];

    /// <summary>Whether the object itself changes. For a step of many, which answers 200 and tells of each, it is not the status.</summary>
    public Func<Who, State, bool>? Changes { get; init; }

    public bool Writes => Method != "GET";
}

/// <summary>Who may do what: DESIGN section 6 as a table. An operation of the contract that has no row fails the test.</summary>
internal static class AccessTable
{
    private static readonly State[] Declarations = [Undeclared, Draft, Submitted, ChangesRequested, Validated, Reopened];
    private static readonly State[] Holdings = [Absent, Undeclared, Draft, Validated];

    private const string Declaration = "/v1/declarations/{key}";
    private const string Lines = """{ "lines": [{ "ref": "N1", "axis": 3, "action": "Nouveau", "family": "SPECIFIC", "actual": 9000 }] }""";
    private const string Comment = """{ "comment": "Vu." }""";

    public static IEnumerable<Access> Rows(World world) =>
    [
        Open("GetLanding", "/v1"),
        Open("ListProblems", "/v1/problems"), Open("GetProblem", "/v1/problems/RULES_BROKEN"), Open("GetChangelog", "/v1/changelog"),
        Open("ListRegions", "/v1/regions"), Open("GetRegion", "/v1/regions/32"),
        Open("ListDepartments", "/v1/departments"), Open("GetDepartment", "/v1/departments/59"),
        Open("ListEpcis", "/v1/epcis"), Open("GetEpci", "/v1/epcis/200093201"),
        Open("ListCommunes", "/v1/communes"), Open("GetCommune", "/v1/communes/59350"),
        Open("ListAxes", "/v1/axes"), Open("GetAxis", "/v1/axes/3"),
        Open("ListThemes", "/v1/themes"), Open("GetTheme", "/v1/themes/PROXIMITE"),
        Open("ListLandlords", "/v1/landlords"), Open("GetLandlord", $"/v1/landlords/{world.Landlord}"),
        Open("ListQpvs", "/v1/qpvs"), Open("GetQpv", $"/v1/qpvs/{world.Qpv}"),
        Open("ListProjects", "/v1/projects"), Open("GetProject", $"/v1/projects/{world.Project}"),
        Open("GetIndicatorDefinitions", "/v1/indicators/definitions"),
        Open("ListIndicators", "/v1/indicators?from=2015&to=2024&groupBy=landlord,qpv,year&totals=true&limit=1000"),
        new("ListIndicators", "GET", "/v1/indicators?from=2015&to=2024&groupBy=landlord,qpv,year&status=submitted&limit=1000",
            (who, _) => !IsKnown(who) ? 401 : who == Read ? 403 : 200),
        Open("GetRegionalReport", "/v1/reports/regional?region=32&from=2015&to=2024"),
        Open("GetReport", "/v1/reports/department?code=59&from=2015&to=2024"),

        Open("ListCampaigns", "/v1/campaigns"), Open("GetCampaign", $"/v1/campaigns/{World.CampaignYear}"),
        AdminOnly("PutCampaign", "PUT", "/v1/campaigns/2099", 201) with { Body = """{ "opensOn": "2100-01-01", "dueOn": "2100-03-31" }""" },
        Open("ListCompleteness", "/v1/completeness?from=2015&to=2024&groupBy=landlord,year&limit=1000"),
        new("ListMissingDeclarations", "GET", "/v1/completeness/missing?from=2015&to=2024&limit=1000",
            (who, _) => !IsKnown(who) ? 401 : who == Read ? 403 : 200),

        AnyKey("ListDeclarations", $"/v1/declarations?landlord={world.Landlord}&include=lines&limit=1000"),
        AnyKey("ListDeclarations",
            $"/v1/declarations?landlord={world.Landlord}&status=DRAFT,SUBMITTED,CHANGES_REQUESTED&include=lines&limit=1000"),
        AnyKey("ListDeclarations", $"/v1/declarations?landlord={world.Landlord}&anomaly=VALUED_VERSUS_ABATEMENT&include=lines&limit=1000"),
        new("GetDeclaration", "GET", Declaration, (who, state) => Seen(who, state, 200)) { States = Declarations },
        new("ListDeclarationVersions", "GET", Declaration + "/versions", (who, state) => Seen(who, state, 200)) { States = Declarations },
        // The first version of each is a draft.
        new("GetDeclarationVersion", "GET", Declaration + "/versions/1",
            (who, state) => !IsKnown(who) ? 401 : DeclaresOwn(who) && state >= Draft ? 200 : 404) { States = Declarations },
        new("DiffDeclaration", "GET", Declaration + "/diff", (who, state) => Seen(who, state, 200)) { States = Declarations },
        new("PutDeclaration", "PUT", Declaration, (who, state) => !IsKnown(who) ? 401
            : DeclaresOwn(who) ? state switch { Undeclared => 201, Validated => 409, _ => 200 }
            : Sees(who, state) ? 403 : 404)
        {
            States = Declarations, Body = Lines, Headers = state => [state == Undeclared ? ("If-None-Match", "*") : ("If-Match", "*")],
        },
        new("DeleteDeclaration", "DELETE", Declaration, (who, state) => Step(who, state, DeclaresOwn, [Draft], 204))
            {
                States = Declarations,
            },
        new("JustifyAnomaly", "PUT", Declaration + "/anomalies/VALUED_VERSUS_ABATEMENT", (who, state) => !IsKnown(who) ? 401
            : DeclaresOwn(who) ? state switch { Undeclared => 404, Validated => 409, _ => 200 }
            : Sees(who, state) ? 403 : 404) { States = Declarations, Body = Comment },
        .. Steps("submit", "SubmitDeclaration", who => DeclaresOwn(who), who => who is DeclareOther, [Draft, ChangesRequested, Reopened]),
        .. Steps("validate", "ValidateDeclaration", ReviewsOwn, who => who is ReviewOther or DeclareAndReviewOwn, [Submitted]),
        .. Steps("request-changes", "RequestChangesOfDeclaration", ReviewsOwn,
            who => who is ReviewOther or DeclareAndReviewOwn, [Submitted]),
        .. Steps("reopen", "ReopenDeclaration", ReviewsOwn, who => who is ReviewOther or DeclareAndReviewOwn, [Validated]),

        AnyKey("ListHoldings", $"/v1/holdings?landlord={world.Landlord}&limit=1000"),
        new("GetHolding", "GET", "/v1/holdings/{key}", (who, state) => !IsKnown(who) ? 401 : state == Absent ? 404 : 200)
            {
                States = Holdings,
            },
        new("ListHoldingVersions", "GET", "/v1/holdings/{key}/versions", (who, state) => !IsKnown(who) ? 401 : state == Absent ? 404 : 200)
            {
                States = Holdings,
            },
        new("GetHoldingVersion", "GET", "/v1/holdings/{key}/versions/1", (who, state) => !IsKnown(who) ? 401 : state == Absent ? 404 : 200)
            {
                States = Holdings,
            },
        AnyKey("ListLandlordVersions", $"/v1/landlords/{world.Landlord}/versions"),
        AnyKey("GetLandlordVersion", $"/v1/landlords/{world.Landlord}/versions/1"),
        AnyKey("ListQpvVersions", $"/v1/qpvs/{world.Qpv}/versions"),
        AnyKey("GetQpvVersion", $"/v1/qpvs/{world.Qpv}/versions/1"),
        AnyKey("ListIndicatorSources", "/v1/indicators/sources?from=2015&to=2024&perimeter=all&limit=1000"),
        new("ListIndicatorSources", "GET", "/v1/indicators/sources?from=2015&to=2024&status=submitted&limit=1000",
            (who, _) => !IsKnown(who) ? 401 : who == Read ? 403 : 200),
        AnyKey("ListDeclarations", $"/v1/declarations?landlord={world.Landlord}&asOf=1&include=lines&limit=1000"),
        AnyKey("ListIndicators", "/v1/indicators?from=2015&to=2024&asOf=1"),
        new("PutHolding", "PUT", "/v1/holdings/{key}", (who, state) => !IsKnown(who) ? 401
            : DeclaresOwn(who) ? state switch { Absent => 201, Validated => 409, _ => 200 }
            : state == Absent ? 404 : 403)
        {
            States = Holdings, Body = """{ "dwellings": 120, "abatement": 25000 }""", Headers = state =>
                [state == Absent ? ("If-None-Match", "*") : ("If-Match", "*")],
        },
        new("DeleteHolding", "DELETE", "/v1/holdings/{key}", (who, state) => !IsKnown(who) ? 401
            : state == Absent ? 404
            : !DeclaresOwn(who) ? 403
            : state == Undeclared ? 204 : 409) { States = Holdings },

        Open("ListRules", "/v1/rules"), Open("GetRule", "/v1/rules/DWELLINGS_CHANGE"),
        AdminOnly("PutRule", "PUT", "/v1/rules/DWELLINGS_CHANGE", 200) with { Body = """{ "maximum": 0.2 }""" },
        AdminOnly("PutLandlord", "PUT", $"/v1/landlords/{world.Other}", 200) with { Body = """{ "name": "Renommé", "family": "OPH" }""" },
        AdminOnly("PutQpv", "PUT", $"/v1/qpvs/{world.Qpv}", 200) with { Body = """{ "name": "Renommé", "communes": ["59350"] }""" },

        new("PostImport", "POST", "/v1/imports?dataset=landlords&mode=validate", (who, _) => !IsKnown(who) ? 401 : who == Admin ? 202 : 403)
        {
            Body = "siren;name;family\n", ContentType = "text/csv", Headers = _ => [("Idempotency-Key", Guid.NewGuid().ToString())],
        },
        new("PostImport", "POST", "/v1/imports?dataset=declarations&mode=validate", (who, _) => Scoped(who, HasDeclare, 202))
        {
            Body = "siren_bailleur;code_qpv;annee;reference;axe;action;famille;realise\n", ContentType = "text/csv",
            Headers = _ => [("Idempotency-Key", Guid.NewGuid().ToString())],
        },
        new("ListImports", "GET", "/v1/imports", (who, _) => Scoped(who, HasDeclare, 200)),
        new("GetImport", "GET", $"/v1/imports/{world.Import}", (who, _) => Scoped(who, HasDeclare, who == Admin ? 200 : 404)),
        new("GetImportRejects", "GET", $"/v1/imports/{world.Import}/rejects",
            (who, _) => Scoped(who, HasDeclare, who == Admin ? 409 : 404)),
        new("ListImportChanges", "GET", $"/v1/imports/{world.Import}/changes",
            (who, _) => Scoped(who, HasDeclare, who == Admin ? 409 : 404)),
        new("ApplyImport", "POST", $"/v1/imports/{world.Import}/apply", (who, _) => Scoped(who, HasDeclare, who == Admin ? 409 : 404)),
        new("CancelImport", "DELETE", $"/v1/imports/{world.Import}", (who, _) => Scoped(who, HasDeclare, who == Admin ? 200 : 404)),
        new("GetImportTemplate", "GET", $"/v1/imports/template?dataset=declarations&landlord={world.Landlord}&year=2024",
            (who, _) => Scoped(who, HasDeclare, DeclaresOwn(who) ? 200 : 403)),
        Open("GetImportSchema", "/v1/imports/schema?dataset=declarations"),
        new("ListImportErrors", "GET", $"/v1/imports/{world.Import}/errors", (who, _) => Scoped(who, HasDeclare, who == Admin ? 200 : 404)),

        AnyKey("ListChanges", $"/v1/changes?landlord={world.Landlord}&types=declaration&include=object&limit=1000"),
        AnyKey("GetMe", "/v1/me"),
        AdminOnly("ListAudit", "GET", "/v1/audit", 200),
        AdminOnly("ListKeys", "GET", "/v1/keys", 200),
        AdminOnly("GetKey", "GET", $"/v1/keys/{world.Key}", 200),
        AdminOnly("CreateKey", "POST", "/v1/keys", 201) with { Body = """{ "name": "Une de plus", "scopes": ["read"] }""" },
        AdminOnly("RotateKey", "POST", $"/v1/keys/{world.Key}/rotate", 200),
        AdminOnly("RevokeKey", "DELETE", $"/v1/keys/{world.Key}", 204),
    ];

    /// <summary>Whether the caller sees the declaration as it stands, or at least its published version.</summary>
    public static bool Sees(Who who, State state) => state switch
    {
        Absent or Undeclared => false,
        Validated or Reopened => IsKnown(who),
        Draft => DeclaresOwn(who),
        _ => DeclaresOwn(who) || who == ReviewOwn,
    };

    /// <summary>Whether it sees what is not published of it.</summary>
    public static bool SeesMarked(Who who, State state) => DeclaresOwn(who) || (who == ReviewOwn && state != Draft);

    private static bool IsKnown(Who who) => who >= Read;

    private static bool DeclaresOwn(Who who) => who is DeclareOwn or DeclareAndReviewOwn or Admin;

    /// <summary>Never a SIREN it declares for.</summary>
    private static bool ReviewsOwn(Who who) => who is ReviewOwn or Admin;

    private static bool HasDeclare(Who who) => who is DeclareOwn or DeclareOther or DeclareAndReviewOwn or Admin;

    private static Access Open(string operation, string path) =>
        new(operation, "GET", path, (who, _) => who is Bad or Expired or Revoked ? 401 : 200);

    private static Access AnyKey(string operation, string path) => new(operation, "GET", path, (who, _) => IsKnown(who) ? 200 : 401);

    private static Access AdminOnly(string operation, string method, string path, int ok) =>
        new(operation, method, path, (who, _) => Scoped(who, caller => caller == Admin, ok));

    private static int Scoped(Who who, Func<Who, bool> has, int ok) => !IsKnown(who) ? 401 : has(who) ? ok : 403;

    private static int Seen(Who who, State state, int ok) => !IsKnown(who) ? 401 : Sees(who, state) ? ok : 404;

    private static int Step(Who who, State state, Func<Who, bool> may, State[] from, int ok) =>
        Seen(who, state, 200) is var refusal and not 200 ? refusal : !may(who) ? 403 : from.Contains(state) ? ok : 409;

    /// <summary>A step for one, and for many that happen to be one: whoever has the scope is answered, and told what was refused.</summary>
    private static IEnumerable<Access> Steps(string step, string operation, Func<Who, bool> may, Func<Who, bool> hasScope, State[] from)
    {
        yield return new(operation, "POST", $"{Declaration}/{step}", (who, state) => Step(who, state, may, from, 200))
        {
            States = Declarations,
            Body = Comment,
        };
        yield return new(operation + "s", "POST", $"/v1/declarations/{step}?{{filters}}",
            (who, _) => Scoped(who, caller => may(caller) || hasScope(caller), 200))
        {
            States = Declarations,
            Body = Comment,
            Changes = (who, state) => may(who) && Sees(who, state) && from.Contains(state),
        };
    }
}
