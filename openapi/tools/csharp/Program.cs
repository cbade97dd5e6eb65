// A partner's program on the client that NSwag makes of the contract: a read, every page of a list, a declaration from draft to submitted,
// a refusal.
using System.Net.Http.Headers;
using Partner;

var url = Environment.GetEnvironmentVariable("GUSP") ?? throw new InvalidOperationException("GUSP is needed.");
using var http = new HttpClient { BaseAddress = new Uri(url) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("KEY"));
var gusp = new GuspClient(http) { BaseUrl = url };

var indicators = await gusp.ListIndicatorsAsync(
    from: 2019, to: 2022, department: ["59", "62"], groupBy: [Dimension.Department, Dimension.Theme],
    measures: [Measure.Expense], totals: true);
Console.WriteLine($"{indicators.Data.Count} rows, {indicators.Totals is not null}");

var landlords = 0;
for (string? cursor = null; ;)
{
    var page = await gusp.ListLandlordsAsync(limit: 5, cursor: cursor);
    landlords += page.Data.Count;
    if (page.Links.Next is null)
        break;
    cursor = System.Web.HttpUtility.ParseQueryString(new Uri(http.BaseAddress!, page.Links.Next).Query)["cursor"];
}
Console.WriteLine($"{landlords} landlords");

const string Siren = "999590011";
const string Qpv = "QP059003";
const int Year = 2023;
await gusp.PutHoldingAsync(Siren, Year, Qpv,
    new PutHolding { Dwellings = 120, Abatement = 1234.5, AbatementMethod = AbatementMethod.NOTICE }, if_None_Match: "*");
var line = new LineResponse { Ref = "T1", Axis = 3, Action = "Nettoyage renforcé", Family = LineFamily.REINFORCEMENT, Actual = 1234.5 };
await gusp.PutDeclarationAsync(Siren, Year, Qpv, new DeclarationLines { Lines = [line] }, if_None_Match: "*");
var submitted = await gusp.SubmitDeclarationAsync(Siren, Year, Qpv);
Console.WriteLine($"then: {submitted.Status}");

try
{
    await gusp.GetLandlordAsync("999999999");
    throw new InvalidOperationException("It should have been refused.");
}
catch (GuspException<ProblemDocument> refused)
{
    Console.WriteLine($"refused: {refused.Result.Code}, {refused.Result.Detail}");
}
