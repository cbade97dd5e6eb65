using System.Net.Sockets;
using System.Text;

namespace GuspApi.Tests.Http;

/// <summary>Who sends or fetches slowly, or waits, takes nothing from the others.</summary>
public sealed class SlowSenderTests(SlowSenderTests.NarrowApi api) : IClassFixture<SlowSenderTests.NarrowApi>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public sealed class NarrowApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:Concurrency:Requests", "4")];
    }

    [Theory]
    [InlineData("PUT /v1/declarations/{0}/2023/QP059001", "{\"lines\": [")]
    [InlineData("POST /v1/declarations/{0}/2023/QP059001/submit", "{\"comment\": \"")]
    [InlineData("PUT /v1/holdings/{0}/2023/QP059001", "{\"dwellings\": ")]
    public async Task Bodies_that_trickle_keep_nobody_out_and_are_refused(string request, string start)
    {
        var siren = await api.Given.Landlord();
        var senders = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ =>
            SendAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, siren), "application/json", start)));

        Assert.Equal(200, await StatusAsync("/v1/regions"));

        Assert.StartsWith("HTTP/1.1 408", await FirstAsync(senders));
        Array.ForEach(senders, sender => sender.Dispose());
    }

    /// <summary>Far below the ten seconds that a slow sender is given.</summary>
    private async Task<int> StatusAsync(string path) =>
        (int)(await api.Anonymous.GetAsync(path, Ct).WaitAsync(TimeSpan.FromSeconds(6), Ct)).StatusCode;

    /// <summary>A request whose body begins, and does not go on.</summary>
    private async Task<TcpClient> SendAsync(string request, string type, string start, string key = Api.Key)
    {
        var sender = new TcpClient();
        await sender.ConnectAsync(api.Anonymous.BaseAddress!.Host, api.Anonymous.BaseAddress.Port, Ct);
        var text = $"{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nIf-None-Match: *\r\nIdempotency-Key: {Guid.NewGuid()}\r\n"
            + $"Content-Type: {type}\r\nContent-Length: 100000\r\n\r\n{start}";
        await sender.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        return sender;
    }

    /// <summary>What the first of them to be answered is told.</summary>
    private static async Task<string> FirstAsync(TcpClient[] senders)
    {
        return await await Task.WhenAny(senders.Select(async sender =>
        {
            var buffer = new byte[16 * 1024];
            var read = 0;
            while (!Encoding.UTF8.GetString(buffer, 0, read).Contains("requestId", StringComparison.Ordinal)
                && await sender.GetStream().ReadAsync(buffer.AsMemory(read), Ct) is > 0 and var more)
                read += more;
            return Encoding.UTF8.GetString(buffer, 0, read);
        }));
    }
}
