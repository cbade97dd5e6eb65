using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GuspApi.Tests.Access;
using GuspApi.Tests.Features.Imports;

namespace GuspApi.Tests.Features.Changes;

/// <summary>
/// Copies made from the feed alone, while eight writers race on two instances, files are imported and one instance is killed: whatever
/// their speed and rights, each ends equal to what the API gives its caller. <c>GUSP_FEED_SEED</c> makes the same choices again.
/// </summary>
public sealed class KeepInStepTests(Api api, ITestOutputHelper output) : IClassFixture<Api>
{
    private const int Writers = 8;
    private const int WritesOfOne = 60;
    private const int Imports = 12;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("GUSP_FEED_SEED"), out var given)
        ? given
        : Random.Shared.Next();
    private readonly ConcurrentDictionary<string, int> done = new();
    private readonly List<string> keys = [];
    private readonly List<string> sirens = [];
    private Callers callers = null!;
    private string free = "";

    [Fact]
    public async Task Copies_made_from_nothing_end_equal_to_the_API()
    {
        output.WriteLine($"GUSP_FEED_SEED={seed}");
        await PrepareAsync();
        await using var doomed = ApiProcess.Start(
            ("ConnectionStrings__Gusp", api.ConnectionString), ("Gusp__BootstrapKey", Api.BootstrapKey), ("Gusp__Demo", "false"),
            ("Gusp__RateLimit__PerKey", "0"), ("Logging__LogLevel__Default", "Warning"));
        await doomed.ReadyAsync(Ct);

        using var written = new CancellationTokenSource();
        Copy[] copies =
        [
            new(Who.Admin, "limit=1000&wait=2", TimeSpan.Zero), new(Who.ReviewOwn, "limit=7", TimeSpan.FromMilliseconds(10)),
            new(Who.DeclareOwn, "limit=100", TimeSpan.FromMilliseconds(300)),
            new(Who.Read, "limit=50&wait=1", TimeSpan.FromMilliseconds(50)),
        ];
        var followed = copies.Select(copy => Task.Run(() => FollowAsync(copy, doomed.Client, written.Token), Ct)).ToList();
        var work = Enumerable.Range(0, Writers)
            .Select(writer => Task.Run(() => WriteAsync(writer, writer % 2 == 0 ? doomed.Client : api.Anonymous), Ct)).ToList();
        work.Add(Task.Run(() => ImportAsync(doomed.Client), Ct));
        while (done.Values.Sum() < Writers * WritesOfOne / 2)
            await Task.Delay(20, Ct);
        await doomed.KillAsync(Ct);
        await Task.WhenAll(work);
        await written.CancelAsync();
        await Task.WhenAll(followed);

        output.WriteLine(string.Join(", ", done.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}")));
        foreach (var copy in copies)
        {
            output.WriteLine($"{copy.Who}: {copy.Objects.Count} objects, "
                + $"{string.Join(", ", copy.Events.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"))}");
            Assert.Equal(await ObjectsAsync(copy.Who), copy.Objects);
        }
        await AssertWorthItAsync(copies);
    }

    /// <summary>A copy, made by the recipe of the README: keep the content, or drop what has none, and follow links.next.</summary>
    private sealed record Copy(Who Who, string Query, TimeSpan Pause)
    {
        public SortedDictionary<string, string> Objects { get; } = new(StringComparer.Ordinal);
        public SortedSet<long> Revisions { get; } = [];
        public Dictionary<string, int> Events { get; } = [];
        private readonly HashSet<string> places = [];

        public void Take(JsonNode change)
        {
            var (revision, thing) = ((long)change["revision"]!, change["object"]!);
            Assert.True(places.Add((string)change["cursor"]!), $"Told twice: {change}");
            Assert.True(Revisions.Count == 0 || revision >= Revisions.Max, $"Out of order: {change}");
            Revisions.Add(revision);
            var type = (string)change["type"]!;
            Events[type] = Events.GetValueOrDefault(type) + 1;
            var key = $"{thing["type"]} {thing["key"]}";
            if (thing["content"] is { } content)
                Objects[key] = Plain(content);
            else
                Objects.Remove(key);
        }
    }

    /// <summary>Anomalies depend on holdings and on last year too, whose events are their own.</summary>
    private static string Plain(JsonNode content)
    {
        var plain = content.DeepClone().AsObject();
        plain.Remove("anomalies");
        return plain.ToJsonString();
    }

    private async Task PrepareAsync()
    {
        sirens.AddRange([await api.Given.Landlord(), await api.Given.Landlord(), await api.Given.Landlord()]);
        free = await api.Given.Landlord();
        callers = await Callers.MakeAsync(api, sirens[0], sirens[1]);
        foreach (var (code, commune) in Enumerable.Range(1, 4)
            .SelectMany(n => new[] { ($"QP05900{n}", "59350"), ($"QP06200{n}", "62041") }))
        {
            await api.Given.Qpv(code, "Quartier", commune);
            foreach (var siren in sirens)
            {
                await api.Given.Holding(siren, 2023, code);
                keys.Add($"{siren}/2023/{code}");
            }
        }
    }

    /// <summary>Follows to the end of what was written before <paramref name="written"/> was called off.</summary>
    private async Task FollowAsync(Copy copy, HttpClient instance, CancellationToken written)
    {
        for (var next = $"/v1/changes?include=object&{copy.Query}"; ;)
        {
            var isLast = written.IsCancellationRequested;
            using var answer = await SendAsync(instance, copy.Who, HttpMethod.Get, next);
            var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
            Assert.True(answer.IsSuccessStatusCode, page.ToJsonString());
            foreach (var change in page["data"]!.AsArray())
                copy.Take(change!);
            if (isLast && (bool)page["meta"]!["complete"]!)
                return;
            next = (string)page["links"]!["next"]!;
            await Task.Delay(copy.Pause, Ct);
        }
    }

    private async Task WriteAsync(int writer, HttpClient instance)
    {
        var random = new Random(seed + writer);
        for (var i = 0; i < WritesOfOne; i++)
        {
            var key = keys[random.Next(keys.Count)];
            var declaration = $"/v1/declarations/{key}";
            var amount = random.Next(1, 1000);
            var lines = new
            {
                lines = Enumerable.Range(1, random.Next(3))
                .Select(n => new { @ref = $"L{n}", axis = n, action = "Action", family = "SPECIFIC", actual = amount })
            };
            var (what, send) = random.Next(18) switch
            {
                < 3 => ("create", SendAsync(instance, Who.Admin, HttpMethod.Put, declaration, lines, ("If-None-Match", "*"))),
                < 6 => ("replace", SendAsync(instance, Who.Admin, HttpMethod.Put, declaration, lines, ("If-Match", "*"))),
                < 8 => ("submit", SendAsync(instance, Who.Admin, HttpMethod.Post, declaration + "/submit")),
                8 => ("submit all", SendAsync(instance, Who.Admin, HttpMethod.Post, $"/v1/declarations/submit?qpv={key[^8..]}")),
                9 => ("validate", SendAsync(instance, Who.Admin, HttpMethod.Post, declaration + "/validate")),
                10 => ("request changes", SendAsync(instance, Who.Admin, HttpMethod.Post, declaration + "/request-changes")),
                11 => ("reopen", SendAsync(instance, Who.Admin, HttpMethod.Post, declaration + "/reopen", new { comment = "À revoir." })),
                // Of a year that nobody submits, so that they may go.
                < 14 when i % 2 == 0 => ("draft",
                    SendAsync(instance, Who.Admin, HttpMethod.Put, Drafted(key), lines, ("If-None-Match", "*"))),
                < 14 => ("delete", SendAsync(instance, Who.Admin, HttpMethod.Delete, Drafted(key))),
                14 => ("holding", SendAsync(instance, Who.Admin, HttpMethod.Put, $"/v1/holdings/{key}",
                    new { dwellings = amount, abatement = 1000 }, ("If-Match", "*"))),
                15 => ("new holding", SendAsync(instance, Who.Admin, HttpMethod.Put, $"/v1/holdings/{key.Replace("2023", "2022")}",
                    new { dwellings = amount, abatement = 1 }, ("If-None-Match", "*"))),
                16 => ("delete holding", SendAsync(instance, Who.Admin, HttpMethod.Delete, $"/v1/holdings/{key.Replace("2023", "2022")}")),
                _ => ("rename", SendAsync(instance, Who.Admin, HttpMethod.Put, $"/v1/landlords/{free}",
                    new { name = $"Bailleur {amount}", family = "OPH" })),
            };
            using var answer = await send;
            Assert.True((int)answer.StatusCode < 500, $"{what}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}");
            done.AddOrUpdate(answer.IsSuccessStatusCode ? what : "refused", 1, (_, count) => count + 1);
        }
    }

    /// <summary>One of few paths, so that creations and deletions meet.</summary>
    private static string Drafted(string key) => $"/v1/declarations/{key[..9]}/2021/QP059001";

    private async Task ImportAsync(HttpClient instance)
    {
        for (var i = 1; i <= Imports; i++)
        {
            var rows = new StringBuilder(ImportClient.Header).Append('\n');
            foreach (var parts in keys.Where((_, n) => n % 3 == i % 3).Select(key => key.Split('/')))
                rows.Append(CultureInfo.InvariantCulture, $"{parts[0]};{parts[1]};{parts[2]};L1;3;Action;SPECIFIC;{i}\n");
            using var answer = await SendAsync(
                instance, Who.Admin, HttpMethod.Post, $"/v1/imports?dataset=declarations&submit={(i % 2 == 0 ? "true" : "false")}",
                new StringContent(rows.ToString(), Encoding.UTF8, "text/csv"), ("Idempotency-Key", $"feed-{i}"), ("Prefer", "wait=1"));
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
            done.AddOrUpdate("import", 1, (_, count) => count + 1);
        }
    }

    /// <summary>From the instance while it lives, then from the other. What was cut off is sent again: it may be written, or not.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpClient instance, Who who, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        foreach (var client in new[] { instance, api.Anonymous })
            try
            {
                using var request = new HttpRequestMessage(method, client.BaseAddress + path[1..])
                {
                    Content = body switch
                    {
                        null => null,
                        StringContent text => new StringContent(
                        await text.ReadAsStringAsync(Ct), Encoding.UTF8, "text/csv"),
                        _ => JsonContent.Create(body)
                    },
                };
                foreach (var (name, value) in headers)
                    request.Headers.TryAddWithoutValidation(name, value);
                callers.Sign(request, who);
                return await client.SendAsync(request, Ct);
            }
            catch (HttpRequestException) when (client != api.Anonymous)
            {
                done.AddOrUpdate("cut off", 1, (_, count) => count + 1);
            }
        throw new InvalidOperationException();
    }

    /// <summary>All that the API gives the caller, by the feed's types and keys.</summary>
    private async Task<SortedDictionary<string, string>> ObjectsAsync(Who who)
    {
        var objects = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await AddAsync("declaration", "/v1/declarations?include=lines&limit=1000",
            d => $"{d["landlord"]!["siren"]}/{d["year"]}/{d["qpv"]!["code"]}");
        await AddAsync("holding", "/v1/holdings?limit=1000", h => $"{h["landlord"]!["siren"]}/{h["year"]}/{h["qpv"]!["code"]}");
        await AddAsync("landlord", "/v1/landlords?limit=1000", l => (string)l["siren"]!);
        await AddAsync("qpv", "/v1/qpvs?limit=1000", q => (string)q["code"]!);
        return objects;

        async Task AddAsync(string type, string path, Func<JsonNode, string> key)
        {
            using var answer = await SendAsync(api.Anonymous, who, HttpMethod.Get, path);
            foreach (var item in JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["data"]!.AsArray())
                objects[$"{type} {key(item!)}"] = Plain(item!);
        }
    }

    /// <summary>The copies had much to follow: every kind of write, and different views of them.</summary>
    private async Task AssertWorthItAsync(Copy[] copies)
    {
        var (admin, reviewer, landlord, reader) = (copies[0], copies[1], copies[2], copies[3]);
        Assert.Equal(await api.Given.Scalar<long>("select count(*) from change where object_type <> 'key'"), admin.Events.Values.Sum());
        Assert.Equal(
            await api.Given.Scalar<long>("select count(distinct change_set_id) from change where object_type <> 'key'"),
            admin.Revisions.Count);
        Assert.True(done["cut off"] > 0 && done["import"] == Imports);
        foreach (var type in new[] { "saved", "submitted", "withdrawn", "deleted" })
            Assert.True(admin.Events.GetValueOrDefault("declaration." + type) > 0, $"seed {seed}: no declaration was {type}");
        Assert.True(admin.Events["holding.deleted"] > 0);
        Assert.True(reviewer.Events["declaration.withdrawn"] > 0);
        Assert.DoesNotContain("declaration.saved", reviewer.Events.Keys);
        Assert.Contains("declaration.saved", landlord.Events.Keys);
        Assert.DoesNotContain(reader.Events.Keys,
            type => type.StartsWith("declaration", StringComparison.Ordinal) && type != "declaration.validated");
        Assert.True(Declarations(admin) > Declarations(reader));

        static int Declarations(Copy copy) => copy.Objects.Count(item => item.Key.StartsWith("declaration", StringComparison.Ordinal));
    }
}
