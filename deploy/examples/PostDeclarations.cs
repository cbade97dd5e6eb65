// Posts a file to GuspApi, follows its import to the end and fetches what was rejected: post-declarations.sh, in C#.
//
//   GUSP=https://gusp.example.fr GUSP_KEY=… dotnet run PostDeclarations.cs -- FILE [DATASET] [OPTIONS]
//
// Its head comment tells the arguments, the settings and the exit codes.

// Needs no package: what compiles natively would be one.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;

if (args is not ([_] or [_, _] or [_, _, _]) || Setting("GUSP") is not { } url || Setting("GUSP_KEY") is not { } apiKey)
    return Fail("Usage: GUSP=<address> GUSP_KEY=<key> dotnet run PostDeclarations.cs -- FILE [DATASET] [OPTIONS]");
var file = args[0];
var query = $"dataset={args.ElementAtOrDefault(1) ?? "declarations"}{(args.Length > 2 ? "&" + args[2] : "")}";
var type = Path.GetExtension(file) switch
{
    ".csv" => "text/csv",
    ".xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json" => "application/json",
    ".ndjson" => "application/x-ndjson",
    ".geojson" => "application/geo+json",
    _ => null,
};
if (type is null)
    return Fail($"{file} is none of .csv, .xlsx, .json, .ndjson, .geojson.");

var seconds = int.Parse(Setting("GUSP_TIMEOUT") ?? "3600");
using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
using var api = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10) })
{
    BaseAddress = new Uri(url.TrimEnd('/') + "/"),
    Timeout = Timeout.InfiniteTimeSpan, // A large file may take its time; limit holds for the whole.
    DefaultRequestHeaders = { Authorization = new("Bearer", apiKey) },
};

try
{
    // The same file with the same query in the same run is one import, however often it is posted.
    var sha256 = await HashAsync();
    var key = $"{Setting("GUSP_RUN") ?? $"{DateTime.UtcNow:yyyy-MM-dd}"}?{query}#{Convert.ToHexStringLower(sha256)}";

    var answer = await AskAsync(Post);
    if (answer.Headers.Contains("Idempotent-Replayed"))
        Tell("Posted before in this run: this is how that import stands.");
    var import = await ImportAsync(answer);
    while (import.State is "RECEIVED" or "VALIDATING" or "APPLYING")
    {
        await WaitAsync(answer, $"{import.State} {import.Progress.Percent} %, {import.Progress.RowsRead} rows");
        answer = await AskAsync(() => Get(""));
        import = await ImportAsync(answer);
    }

    var (created, updated, unchanged, rejected) = import.Outcome;
    Tell($"{import.State}: {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected, {import.Errors} errors, "
        + $"{import.Warnings} warnings.");
    if (import is { Errors: 0, State: "DONE" or "VALIDATED" })
        return 0;

    using (var errors = Console.OpenStandardError())
        await CopyAsync("/errors?format=csv&severity=ERROR", errors);
    if (rejected == 0)
        return Fail(import.Message);

    // Named after its import, and never written twice: someone may be mending it.
    var rejects = Path.ChangeExtension(file, $".rejects-{import.Id}{Path.GetExtension(file)}");
    if (!File.Exists(rejects))
    {
        using (var part = File.Create(rejects + ".part"))
            await CopyAsync("/rejects", part);
        File.Move(rejects + ".part", rejects);
    }
    Console.WriteLine(rejects);
    return import.State == "FAILED" ? Fail(import.Message) : 1;

    HttpRequestMessage Post() => new(HttpMethod.Post, $"v1/imports?{query}")
    {
        Headers =
        {
            { "Idempotency-Key", key },
            { "Content-Digest", $"sha-256=:{Convert.ToBase64String(sha256)}:" },
            { "Expect", "100-continue" }, // A refusal comes before a large file is sent.
        },
        Content = new StreamContent(File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } },
    };

    HttpRequestMessage Get(string what) => new(HttpMethod.Get, $"v1/imports/{import.Id}{what}");

    async Task CopyAsync(string what, Stream to)
    {
        using var found = await AskAsync(() => Get(what), HttpCompletionOption.ResponseHeadersRead);
        await found.Content.CopyToAsync(to, limit.Token);
    }
}
catch (OperationCanceledException) when (limit.IsCancellationRequested)
{
    return Fail($"Not ended after {seconds} s. Start again to go on.");
}
catch (Exception e) when (e is Refusal or HttpRequestException or IOException or UnauthorizedAccessException)
{
    return Fail(e.Message);
}

async Task<byte[]> HashAsync()
{
    using var source = File.OpenRead(file);
    return await SHA256.HashDataAsync(source);
}

async Task<Import> ImportAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<Import>(limit.Token))!;

// The first answer to a request. No answer, 429, 502 to 504 and "still being received" are no answer yet: ask again, no sooner than told.
async Task<HttpResponseMessage> AskAsync(
    Func<HttpRequestMessage> request, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
{
    while (true)
    {
        HttpResponseMessage? answer = null;
        try
        {
            answer = await api.SendAsync(request(), completion, limit.Token);
        }
        catch (HttpRequestException e)
        {
            Tell(e.Message);
        }
        if (answer is { IsSuccessStatusCode: true })
            return answer;
        if (answer is not (null
            or { StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout }
            or { StatusCode: HttpStatusCode.Conflict, Headers.RetryAfter: not null }))
            throw new Refusal($"Refused ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(limit.Token)}");
        await WaitAsync(answer, "No answer yet");
    }
}

async Task WaitAsync(HttpResponseMessage? answer, string why)
{
    var pause = answer?.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(5);
    Tell($"{why}, again in {pause.TotalSeconds} s.");
    await Task.Delay(pause, limit.Token);
}

static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

static void Tell(string? line) => Console.Error.WriteLine(line);

static int Fail(string? reason)
{
    Tell(reason);
    return 2;
}

internal sealed record Import(Guid Id, string State, Progress Progress, Outcome Outcome, int Errors, int Warnings, string? Message);

internal sealed record Progress(int RowsRead, int Percent);

internal sealed record Outcome(int Created, int Updated, int Unchanged, int Rejected);

internal sealed class Refusal(string message) : Exception(message);
