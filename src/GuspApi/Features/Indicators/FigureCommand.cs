using Npgsql;

namespace GuspApi.Features.Indicators;

/// <summary>
/// <c>dotnet GuspApi.dll figures verify</c> compares what indicators sum with what the lines give, <c>figures rebuild</c> makes it anew.
/// </summary>
internal static class FigureCommand
{
    private const int Shown = 20;

    public static bool IsAsked(string[] args) => args is ["figures", ..];

    public static async Task<int> RunAsync(string[] args, string connectionString, CancellationToken ct)
    {
        if (args is not ["figures", "verify" or "rebuild"])
        {
            await Console.Error.WriteLineAsync("Usage: figures verify, or figures rebuild");
            return 2;
        }
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0 });
        if (args[1] == "rebuild")
        {
            await using var rebuild = source.CreateCommand("select rebuild_figures()");
            Console.WriteLine($"{await rebuild.ExecuteScalarAsync(ct)} rows were made from the lines.");
            return 0;
        }

        var wrong = new List<string>();
        await using var verify = source.CreateCommand("select landlord_siren || '/' || year || '/' || place_code from wrong_figures()");
        await using (var row = await verify.ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
                wrong.Add(row.GetString(0));
        }
        Console.WriteLine(wrong.Count == 0
            ? "All figures are what the lines give."
            : $"{wrong.Count} figures are not what the lines give; make them anew with: "
                + $"figures rebuild\n{string.Join('\n', wrong.Take(Shown))}");
        return wrong.Count == 0 ? 0 : 1;
    }
}
