using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GuspApi.Tests.Contract;

/// <summary>
/// With <c>GUSP_PRISM=1</c> each exchange of the tests' clients goes through Prism's validating proxy over the committed contract, and a
/// test whose exchange is not as the contract says fails. What stands behind the proxy is the answer that the test got, not the API: Prism
/// writes bodies anew (12.50 becomes 12.5, bytes become text), so that tests would not see what is sent. Raw sockets, curl and the clients
/// of <see cref="ApiProcess"/>, which kill and freeze what they ask, go straight to the API.
/// </summary>
internal sealed class Prism : IAsyncDisposable
{
    private const string Exchange = "X-Exchange";

    /// <summary>Addresses and headers that the API refuses are longer than servers take unless told to.</summary>
    private const int Longest = 1 << 18;

    /// <summary>Prism reads no more of a request.</summary>
    private const int LongestBody = 10_000_000;

    private static readonly string Contract = Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "openapi");
    private static readonly string[] OfConnections =
        ["Host", "Expect", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Content-Type"];

    private readonly ConcurrentDictionary<string, HttpResponseMessage> answers = new();
    private readonly HttpClient proxy = new();
    private readonly WebApplication upstream;
    private Process? process;

    private Prism()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
            (kestrel.Limits.MaxRequestLineSize, kestrel.Limits.MaxRequestHeadersTotalSize, kestrel.Limits.MaxRequestBufferSize) =
                (Longest, Longest, null));
        upstream = builder.Build();
        upstream.Run(AnswerAsync);
    }

    public static async Task<Prism?> StartAsync(CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("GUSP_PRISM") != "1")
            return null;
        var tools = Path.Combine(Contract, "tools");
        var program = Path.Combine(tools, "node_modules", "@stoplight", "prism-cli", "dist", "index.js");
        if (!File.Exists(program))
            throw new InvalidOperationException("GUSP_PRISM=1 wants Prism, which is not here: npm ci --prefix openapi/tools");

        var prism = new Prism();
        await prism.upstream.StartAsync(ct);
        var address = $"http://127.0.0.1:{ApiProcess.FreePort()}";
        string[] arguments =
        [
            $"--max-http-header-size={Longest}", "--require", Path.Combine(tools, "prism.cjs"), program,
            "proxy", Path.Combine(Contract, "gusp-api.v1.json"), prism.upstream.Urls.Single(), "--port", address.Split(':')[^1],
            "--verboseLevel", "fatal",
        ];
        prism.process = Process.Start(
            new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        prism.process.OutputDataReceived += (_, _) => { };
        prism.process.BeginOutputReadLine();
        prism.process.BeginErrorReadLine();
        prism.proxy.BaseAddress = new Uri(address);
        for (var start = Stopwatch.StartNew(); start.Elapsed < TimeSpan.FromSeconds(60)
            && !prism.process.HasExited; await Task.Delay(50, ct))
            try
            {
                using var _ = await prism.proxy.GetAsync("/", ct);
                return prism;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        throw new InvalidOperationException("Prism did not start.");
    }

    /// <summary>What a client's exchanges pass on their way back.</summary>
    public DelegatingHandler Judge() => new Handler(this);

    public async ValueTask DisposeAsync()
    {
        process?.Kill();
        process?.Dispose();
        proxy.Dispose();
        await upstream.DisposeAsync();
    }

    /// <summary>What is wrong with an exchange; null when all is well.</summary>
    internal async Task<string?> FaultAsync(HttpRequestMessage request, HttpResponseMessage answer, CancellationToken ct)
    {
        var id = Guid.NewGuid().ToString("n");
        answers[id] = answer;
        try
        {
            using var copy = await CopyAsync(request, ct);
            copy.Headers.Add(Exchange, id);
            using var verdict = await proxy.SendAsync(copy, ct);
            if (!verdict.Headers.Contains(Exchange))
                return "Prism did not take it: " + await verdict.Content.ReadAsStringAsync(ct);
            return verdict.Headers.TryGetValues("sl-violations", out var values) ? Fault(request, answer, string.Concat(values)) : null;
        }
        finally
        {
            answers.TryRemove(id, out _);
        }
    }

    /// <summary>Tests send what is wrong on purpose; then it has to be refused.</summary>
    private static string? Fault(HttpRequestMessage request, HttpResponseMessage answer, string violations)
    {
        // More than 8 kB of them are cut, those of the request first: of what is wrong in as many ways only the refusal is asked.
        if (violations.StartsWith("Too many", StringComparison.Ordinal))
            return answer.IsSuccessStatusCode ? violations : null;
        var found = JsonDocument.Parse(violations).RootElement.EnumerateArray()
            .Select(violation => (Place: string.Join('.', violation.GetProperty("location").EnumerateArray()),
                Text: violation.GetProperty("message").GetString()));
        var faults = found.Where(violation => violation.Place.StartsWith("response", StringComparison.Ordinal)
            || answer.IsSuccessStatusCode && !IsLenient(request, violation.Place)).ToList();
        return faults.Count == 0 ? null : string.Join("; ", faults.Select(fault => $"{fault.Place}: {fault.Text}"));
    }

    private static bool IsLenient(HttpRequestMessage request, string place) =>
        // A read whose condition is malformed is answered as if there were none (RFC 9110, 13.2.1).
        place == "request.header.if-none-match" && request.Method == HttpMethod.Get
        // A file is taken whatever is in it; the import then tells.
        || (place == "request" || place.StartsWith("request.body", StringComparison.Ordinal)) && request.Method == HttpMethod.Post
        && request.RequestUri!.AbsolutePath == "/v1/imports";

    private static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri!.PathAndQuery);
        foreach (var (name, values) in request.Headers.NonValidated)
            if (!OfConnections.Contains(name, StringComparer.OrdinalIgnoreCase))
                copy.Headers.TryAddWithoutValidation(name, values);
        if (request.Content is not { } content)
            return copy;
        // What is streamed cannot be read twice.
        var bytes = content is ByteArrayContent or JsonContent ? await content.ReadAsByteArrayAsync(ct) : "-"u8.ToArray();
        copy.Content = new ByteArrayContent(
            !IsJson(content.Headers) || IsParsed(bytes) ? bytes[..Math.Min(bytes.Length, LongestBody)] : []);
        if (content.Headers.ContentType is { } type)
            copy.Content.Headers.ContentType = new MediaTypeHeaderValue(type.MediaType!);
        return copy;
    }

    /// <summary>Prism does not go on where it cannot parse: what is no JSON, or as deep as nobody's, is as good as no body.</summary>
    private static bool IsParsed(byte[] bytes)
    {
        try
        {
            using var _ = JsonDocument.Parse(bytes);
            return bytes.Length <= LongestBody;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsJson(HttpContentHeaders headers) =>
        headers.ContentType?.MediaType is { } type && (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal));

    private async Task AnswerAsync(HttpContext context)
    {
        if (!answers.TryGetValue(context.Request.Headers[Exchange].ToString(), out var answer))
            return;
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
            if (name == "Content-Type" || !OfConnections.Contains(name, StringComparer.OrdinalIgnoreCase))
                context.Response.Headers[name] = values.ToArray();
        context.Response.Headers[Exchange] = "1";
        if (IsJson(answer.Content.Headers))
            await context.Response.Body.WriteAsync(
                await answer.Content.ReadAsByteArrayAsync(context.RequestAborted), context.RequestAborted);
    }

    private static string Here([CallerFilePath] string file = "") => file;

    private sealed class Handler(Prism prism) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (!IsOfContract(request, answer))
                return answer;
            // The contract says nothing of what is in a file, and tests read files slowly or break them off.
            if (IsJson(answer.Content.Headers))
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
            if (await prism.FaultAsync(request, answer, cancellationToken) is { } fault)
                Assert.Fail($"{(int)answer.StatusCode} to {request.Method} {request.RequestUri!.PathAndQuery} is not as "
                    + $"the contract says: {fault}");
            return answer;
        }

        /// <summary>Operations, but for the preflights of browsers, and what Kestrel refuses before there is a request.</summary>
        private static bool IsOfContract(HttpRequestMessage request, HttpResponseMessage answer) =>
            request.RequestUri!.AbsolutePath is var path && path.StartsWith("/v1", StringComparison.Ordinal)
            && request.Method != HttpMethod.Options && request.Method != HttpMethod.Head
            && !(answer.StatusCode == System.Net.HttpStatusCode.BadRequest && path.Contains("%00", StringComparison.Ordinal));
    }
}
