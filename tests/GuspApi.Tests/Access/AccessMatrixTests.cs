using System.Text;
using System.Text.Json.Nodes;

namespace GuspApi.Tests.Access;

/// <summary>
/// Every operation of the contract, by every kind of caller, on objects in every state: allowed or refused as the table says.
/// </summary>
public sealed class AccessMatrixTests(Api api, ITestOutputHelper output) : IClassFixture<Api>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_caller_gets_what_the_table_says_and_nothing_unpublished_besides()
    {
        var world = await World.MakeAsync(api);
        await world.SpareKeyAsync();
        var rows = AccessTable.Rows(world).ToList();
        Assert.Equal(await OperationsAsync(), rows.Select(row => row.Operation).Distinct().Order(StringComparer.Ordinal));

        // Reads come first, while the marks tell what is published; each write has an object of its own.
        var wrong = new List<string>();
        var cells = 0;
        var readable = new Dictionary<State, string>();
        foreach (var state in Enum.GetValues<State>())
            readable[state] = await world.MakeAsync(state);
        foreach (var row in rows.OrderBy(row => row.Writes).ThenBy(row => row.Method == "DELETE" && row.States.Count == 1))
            foreach (var state in row.States)
                foreach (var who in Enum.GetValues<Who>())
                {
                    var key = row.Writes && row.States.Count > 1 ? await world.MakeAsync(state) : readable[state];
                    wrong.AddRange((await TryAsync(world, row, who, state, key))
                        .Select(fault => $"{row.Operation} by {who} on {state}: {fault}"));
                    cells++;
                }

        output.WriteLine($"{cells} cells of the matrix, {rows.Select(row => row.Operation).Distinct().Count()} operations.");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(cells > 1400, $"{cells} cells only.");
    }

    private async Task<List<string>> TryAsync(World world, Access row, Who who, State state, string key)
    {
        var faults = new List<string>();
        var before = await world.VersionAsync(key);
        using var answer = await SendAsync(world, row, who, state, key);
        var text = await answer.Content.ReadAsStringAsync(Ct);

        var expected = row.Expected(who, state);
        if ((int)answer.StatusCode != expected)
            faults.Add($"expected {expected}, got {(int)answer.StatusCode} {text}");
        if ((int)answer.StatusCode >= 400 && answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            faults.Add("the refusal is no problem document");
        faults.AddRange(Enum.GetValues<State>()
            .Where(hidden => !AccessTable.SeesMarked(who, hidden) && text.Contains(World.Mark(hidden), StringComparison.Ordinal))
            .Select(hidden => $"it shows a declaration that is {hidden}"));

        var changes = row.Writes && row.States.Count > 1 && (row.Changes?.Invoke(who, state) ?? expected is 200 or 201 or 204);
        if (changes == (before == await world.VersionAsync(key)))
            faults.Add(changes ? "nothing changed" : "it changed");
        return faults;
    }

    private async Task<HttpResponseMessage> SendAsync(World world, Access row, Who who, State state, string key)
    {
        var parts = key.Split('/');
        var path = row.Path.Replace("{key}", key).Replace("{filters}", $"landlord={parts[0]}&year={parts[1]}&qpv={parts[2]}");
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), path);
        if (row.Body is not null)
            request.Content = new StringContent(row.Body, Encoding.UTF8, row.ContentType);
        foreach (var (name, value) in row.Headers(state))
            request.Headers.TryAddWithoutValidation(name, value);
        world.Callers.Sign(request, who);
        return await api.Anonymous.SendAsync(request, Ct);
    }

    private async Task<IEnumerable<string>> OperationsAsync()
    {
        var contract = JsonNode.Parse(await api.Anonymous.GetStringAsync("/openapi/v1.json", Ct))!;
        return contract["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => (string)operation.Value!["operationId"]!))
            .Order(StringComparer.Ordinal);
    }
}
