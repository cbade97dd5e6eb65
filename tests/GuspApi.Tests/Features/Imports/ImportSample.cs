using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace GuspApi.Tests.Features.Imports;

/// <summary>A file of declarations of one landlord, with the key it is sent under, however often.</summary>
internal sealed record ImportSample(string Key, string Siren, byte[] Body)
{
    private const int Pieces = 8;

    /// <summary>
    /// QPVs 0 to <paramref name="qpvs"/> of <see cref="QpvOf"/> in 2024, some lines each; all lines bear one amount, which tells the file.
    /// </summary>
    public static ImportSample Of(string key, string siren, IEnumerable<int> qpvs, int lines, int amount = 100, bool withReject = false)
    {
        var text = new StringBuilder(ImportClient.Header).Append('\n');
        foreach (var qpv in qpvs)
            for (var line = 1; line <= lines; line++)
                text.Append(CultureInfo.InvariantCulture,
                    $"{siren};2024;{QpvOf(qpv)};L{line};{(line - 1) % 8 + 1};Action;SPECIFIC;{amount}\n");
        if (withReject)
            text.Append(CultureInfo.InvariantCulture, $"{siren};2024;{QpvOf(99)};L1;9;Action;SPECIFIC;{amount}\n");
        return new(key, siren, Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>A hundred to the département.</summary>
    public static string QpvOf(int number) => $"QN{59 + number / 100:000}{number % 100:00}M";

    /// <summary>Bytes that do not compress and are no CSV.</summary>
    public static ImportSample Noise(string key, int length) => new(key, "", RandomNumberGenerator.GetBytes(length));

    /// <summary>Sends it once, spread over some time.</summary>
    public async Task<(HttpStatusCode Status, string Text, HttpResponseMessage Answer)> SendAsync(
        HttpClient client, TimeSpan during, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?dataset=declarations")
        {
            Content = new SlowContent(Body, during),
        };
        request.Headers.Add("Idempotency-Key", Key);
        var answer = await client.SendAsync(request, ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(ct), answer);
    }

    /// <summary>
    /// Sends it as a job does that cannot be told from its own restart: the same request under the same key, until it is taken. Only
    /// refusals that ask for patience are accepted.
    /// </summary>
    public async Task<string> SendUntilTakenAsync(HttpClient client, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                var (status, text, answer) = await SendAsync(client, TimeSpan.Zero, ct);
                if (status is HttpStatusCode.OK or HttpStatusCode.Accepted)
                    return text;
                Assert.True(status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict, $"{status} {text}");
                Assert.NotNull(answer.Headers.RetryAfter);
            }
            catch (HttpRequestException)
            {
                // The API was cut off, or answered before it had read all.
            }
            await Task.Delay(100, ct);
        }
    }

    private sealed class SlowContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly TimeSpan _during;

        public SlowContent(byte[] body, TimeSpan during)
        {
            (_body, _during) = (body, during);
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var piece in _body.Chunk(_body.Length / Pieces + 1))
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
                if (_during > TimeSpan.Zero)
                    await Task.Delay(_during / Pieces);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
