using System.Text;
using System.Text.RegularExpressions;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>The lists as they are published, where <c>shared/reference</c> lies beside a parent folder; skipped elsewhere.</summary>
public sealed class OfficialListTests(Api api) : IClassFixture<Api>
{
    private const string Qpvs = "dataset=qpvs";

    [Fact]
    public async Task The_list_of_2024_is_taken_whole_then_unchanged_and_its_contours_after_it()
    {
        var list = await FileAsync("qpv-2024-france.anct-layout.csv");
        var import = await ImportAsync(api.Admin, Qpvs, list);
        Assert.Empty((await ErrorsAsync(api.Admin, import)).Where(e => (string?)e["severity"] == "ERROR").Select(e => e.ToJsonString()));
        Assert.Equal("DONE 1584/0/0/0", Outcome(import));
        Assert.Equal(149L, await api.Given.Scalar<long>(
            "select count(*) from (select from qpv_commune group by qpv_code having count(*) > 1) several"));

        Assert.Equal("DONE 0/0/1584/0", Outcome(await ImportAsync(api.Admin, Qpvs, list)));
        Assert.Equal("DONE 0/0/1584/0", Outcome(await ImportAsync(api.Admin, Qpvs, WithoutZeros(list))));

        var contours = await FileAsync("qpv-2024-hdf.geojson");
        Assert.Equal("DONE 0/204/0/0", Outcome(await ImportAsync(api.Admin, Qpvs, contours, "application/geo+json")));
        Assert.Equal("DONE 0/0/204/0", Outcome(await ImportAsync(api.Admin, Qpvs, contours, "application/geo+json")));
        Assert.Equal("DONE 0/0/1584/0", Outcome(await ImportAsync(api.Admin, Qpvs, list)));
        Assert.Equal(204L, await api.Given.Scalar<long>(
            "select count(*) from qpv where geometry is not null and min_longitude < max_longitude"));
    }

    // What a spreadsheet makes of it: 01053 → 1053, 01 → 1.
    private static byte[] WithoutZeros(byte[] list) =>
        Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(list), @"(?<=[;""] ?)0+(?=[1-9][0-9]*[;""])", ""));

    private static async Task<byte[]> FileAsync(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "reference", name);
            if (File.Exists(path))
                return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        }
        Assert.Skip($"shared/reference/{name} is not beside the project.");
        return [];
    }
}
