using System.Globalization;
using System.Net;
using GuspApi.Model;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using IPNetwork = System.Net.IPNetwork;

namespace GuspApi.Http;

/// <summary>What an operator may set of the limits; each has a default that suits a machine of two cores and more.</summary>
/// <param name="PerKey">Requests a second for each key; 0 for no limit.</param>
/// <param name="PerAddress">Requests a second for each address without key; 0 for no limit.</param>
/// <param name="WrongKeys">Wrong keys a minute that are looked up for each address; 0 for no limit.</param>
/// <param name="AtOnce">Requests at work at once.</param>
/// <param name="ExpensiveAtOnce">
/// Indicators, reports and exports at work at once: one more than processors, so that none of these waits while an answer is written.
/// </param>
/// <param name="StatementSeconds">Seconds a query of a read may take.</param>
/// <param name="WriteSeconds">Seconds a statement of a write may take.</param>
/// <param name="LockSeconds">Seconds a write waits for what another one holds.</param>
/// <param name="RequestSeconds">Seconds a request may take, uploads excepted.</param>
/// <param name="UploadSeconds">Seconds an upload may take, and the query of a file that is sent.</param>
/// <param name="KnownProxies">Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.</param>
internal sealed record Limits(
    int PerKey, int PerAddress, int WrongKeys, int AtOnce, int ExpensiveAtOnce, int StatementSeconds, int WriteSeconds, int LockSeconds,
    int RequestSeconds, int UploadSeconds, IReadOnlyList<IPNetwork> KnownProxies)
{
    /// <summary>
    /// Bytes of all headers together, and of path and query. Kestrel itself takes more, so that the refusal is a problem document.
    /// </summary>
    private const int HeaderBytes = 32 * 1024;
    private const int TargetBytes = 8 * 1024;
    private const int KestrelBytes = 64 * 1024;

    private const int Connections = 5000;
    private const double BytesPerSecond = 500;

    public static Limits Read(IConfiguration configuration)
    {
        return new(
            Number("RateLimit:PerKey", 60, 0), Number("RateLimit:PerAddress", 20, 0), Number("RateLimit:WrongKeys", 20, 0),
            Number("Concurrency:Requests", 48, 1), Number("Concurrency:Expensive", Environment.ProcessorCount + 1, 1),
            Number("Timeouts:Statement", 15, 1), Number("Timeouts:Write", 25, 1), Number("Timeouts:Lock", 10, 1),
            Number("Timeouts:Request", 60, 1), Number("Timeouts:Upload", 3600, 1), [.. Proxies(configuration["Gusp:KnownProxies"])]);

        int Number(string name, int otherwise, int least) => configuration["Gusp:" + name] is not { Length: > 0 } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least ? value
            : throw new CannotStartException($"Gusp__{name.Replace(":", "__")} is \"{text}\"; it may be a whole number from {least}.");
    }

    /// <summary>Bytes, headers and time that a connection may take: one that is slower than it need be is closed.</summary>
    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Pipeline.BodyLimit;
        kestrel.Limits.MaxRequestHeadersTotalSize = KestrelBytes;
        kestrel.Limits.MaxRequestLineSize = KestrelBytes;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        kestrel.Limits.MinRequestBodyDataRate = new(BytesPerSecond, TimeSpan.FromSeconds(10));
        kestrel.Limits.MinResponseDataRate = new(BytesPerSecond, TimeSpan.FromSeconds(10));
        kestrel.Limits.MaxConcurrentConnections = Connections;
    }

    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddSingleton(_ => new RateLimits(PerKey, PerAddress, WrongKeys));
        services.AddSingleton(_ => new Admission(AtOnce, ExpensiveAtOnce));
        services.AddSingleton<Transfers>();
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = TimeSpan.FromSeconds(RequestSeconds),
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            WriteTimeoutResponse = http => Problems.TookTooLong().ExecuteAsync(http),
        });
        // Said in any case: ASPNETCORE_FORWARDEDHEADERS_ENABLED would have everybody believed.
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = KnownProxies.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in KnownProxies)
                forwarded.KnownIPNetworks.Add(network);
        });
    }

    /// <summary>An upload takes as long as its sender's line, within reason; a rate that is too slow ends it earlier.</summary>
    public void GiveUploadsTime(IEndpointConventionBuilder routes) => routes.Finally(route =>
    {
        if (route.Metadata.OfType<TakesFile>().Any())
            route.Metadata.Add(new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(UploadSeconds),
                TimeoutStatusCode = StatusCodes.Status408RequestTimeout,
                WriteTimeoutResponse = http => Problems.TooSlow().ExecuteAsync(http),
            });
    });

    /// <summary>Answered by us where Kestrel's own refusal has no body: it comes before there is a request to answer.</summary>
    public static Task RefuseOversized(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.Value!.Length + http.Request.QueryString.Value!.Length > TargetBytes)
            return Problems.TargetTooLong(TargetBytes).ExecuteAsync(http);
        var bytes = http.Request.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => value?.Length ?? 0));
        return bytes > HeaderBytes ? Problems.HeadersTooLarge(HeaderBytes).ExecuteAsync(http) : next(http);
    }

    private static IEnumerable<IPNetwork> Proxies(string? text)
    {
        foreach (var item in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPAddress.TryParse(item, out var address))
                yield return new IPNetwork(address, address.GetAddressBytes().Length * 8);
            else if (!IPNetwork.TryParse(item, out var network))
                throw new CannotStartException(
                    $"Gusp__KnownProxies holds \"{item}\"; it may hold addresses and networks such as 10.0.0.4, 10.1.0.0/16.");
            else if (network.PrefixLength == 0)
                throw new CannotStartException(
                    $"Gusp__KnownProxies holds \"{item}\", which is everybody: any caller would choose its address.");
            else
                yield return network;
        }
    }
}
