namespace GuspApi.Tests.Access;

/// <summary>With <c>Gusp__OpenData=false</c> nothing of /v1 answers without a key.</summary>
public sealed class ClosedDataTests(ClosedDataTests.ClosedApi api) : IClassFixture<ClosedDataTests.ClosedApi>
{
    public sealed class ClosedApi(TestServer server) : Api(server)
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Gusp:OpenData", "false")];
    }

    [Fact]
    public async Task Nothing_is_open()
    {
        var world = await World.MakeAsync(api);
        var open = AccessTable.Rows(world).Where(row => row.Expected(Who.Anonymous, State.Absent) == 200).ToList();

        foreach (var row in open)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, row.Path);
            world.Callers.Sign(request, Who.Read);
            Assert.Equal((row.Operation, 401),
                (row.Operation, (int)(await api.Anonymous.GetAsync(row.Path, TestContext.Current.CancellationToken)).StatusCode));
            Assert.Equal((row.Operation, 200),
                (row.Operation, (int)(await api.Anonymous.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode));
        }
        Assert.True(open.Count > 20);
    }
}
