using System.IO.Compression;

namespace GuspApi.Tests.Http;

public sealed class CompressionTests(DemoApi api) : IClassFixture<DemoApi>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/indicators?groupBy=landlord", "gzip")]
    [InlineData("/v1/indicators?groupBy=landlord", "br")]
    [InlineData("/v1/declarations?limit=20", "gzip")]
    [InlineData("/v1/declarations?format=csv", "gzip")]
    [InlineData("/v1/qpvs?format=geojson", "br")]
    [InlineData("/v1/audit?limit=5", "gzip")]
    [InlineData("/v1/landlords?limit=0", "gzip")]
    public async Task What_is_sent_in_a_coding_is_what_is_sent_without(string path, string coding)
    {
        var (plain, expected) = await AskAsync(path, null);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var (answer, bytes) = await AskAsync(path, coding);
            using var sent = new MemoryStream(bytes);
            await using Stream opened = coding == "br" ? new BrotliStream(sent, CompressionMode.Decompress) : new GZipStream(
                sent, CompressionMode.Decompress);
            using var text = new MemoryStream();
            await opened.CopyToAsync(text, Ct);

            Assert.Equal([coding], answer.Content.Headers.ContentEncoding);
            Assert.Equal(plain.StatusCode, answer.StatusCode);
            Assert.Equal(plain.Content.Headers.ContentType, answer.Content.Headers.ContentType);
            Assert.Equal(plain.Headers.ETag, answer.Headers.ETag);
            Assert.Contains("Accept-Encoding", answer.Headers.Vary);
            if ((int)answer.StatusCode == 200)
                Assert.Equal(expected, text.ToArray());
        }
    }

    [Theory]
    [InlineData("gzip;q=0")]
    [InlineData("identity, gzip;q=0.1")]
    [InlineData("zstd")]
    public async Task Who_accepts_none_is_sent_none(string accepted)
    {
        var (answer, bytes) = await AskAsync("/v1/indicators?groupBy=landlord", accepted);

        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal((byte)'{', bytes[0]);
    }

    [Fact]
    public async Task An_empty_file_is_empty_in_any_coding()
    {
        var (answer, bytes) = await AskAsync("/v1/declarations?format=ndjson&year=2035", "gzip");

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Empty(bytes);
    }

    [Fact]
    public async Task A_tag_is_known_in_any_coding()
    {
        var (answer, _) = await AskAsync("/v1/indicators?groupBy=landlord", "gzip");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/indicators?groupBy=landlord");
        request.Headers.AcceptEncoding.Add(new("br"));
        request.Headers.IfNoneMatch.Add(answer.Headers.ETag!);

        Assert.Equal(304, (int)(await api.Admin.SendAsync(request, Ct)).StatusCode);
    }

    private async Task<(HttpResponseMessage Answer, byte[] Bytes)> AskAsync(string path, string? accepted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        var answer = await api.Admin.SendAsync(request, Ct);
        return (answer, await answer.Content.ReadAsByteArrayAsync(Ct));
    }
}
