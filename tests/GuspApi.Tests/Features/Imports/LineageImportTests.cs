using System.Text.Json.Nodes;
using GuspApi.Model;
using static GuspApi.Tests.Features.Imports.ImportClient;

namespace GuspApi.Tests.Features.Imports;

/// <summary>Successions of landlords and lineages of QPVs in files.</summary>
public sealed class LineageImportTests(Api api) : IClassFixture<Api>
{
    private const string Landlords = "siren;nom;famille;siren_successeur;actif_depuis;actif_jusqu_a\n";
    private const string Qpvs = "code_qp;lib_qp;insee_com;predecesseurs\n";
    private static int s_siren = 66_000_000;
    private static int s_qpv;

    private static string NewSiren() => Siren.Complete(Interlocked.Increment(ref s_siren).ToString());

    private static (string Old, string Young) NewQpvs() =>
        Interlocked.Increment(ref s_qpv) is var n ? ($"QP0596{n:00}", $"QN059{n:00}I") : default;

    private async Task<string[]> CodesAsync(JsonNode import) =>
        [.. (await ErrorsAsync(api.Admin, import)).Select(error => $"{error["line"]} {error["code"]}")];

    private static string Row(string siren, string? successor, int? from = null, int? to = null) =>
        $"{siren};Bailleur;OPH;{successor};{from};{to}\n";

    [Fact]
    public async Task A_chain_of_successors_comes_in_one_file_in_any_order()
    {
        var (first, second, last) = (NewSiren(), NewSiren(), NewSiren());

        Assert.Equal("DONE 3/0/0/0", Outcome(
            await ImportAsync(api.Admin, "dataset=landlords", Landlords + Row(first, second) + Row(second, last) + Row(last, null))));
        Assert.Equal(last, await api.Given.Scalar<string>("select current_siren from landlord_succession where siren = $1", first));
    }

    [Fact]
    public async Task A_circle_is_refused_within_a_file_and_with_what_is_known()
    {
        var (first, second, third, other) = (NewSiren(), NewSiren(), NewSiren(), NewSiren());
        var within = await ImportAsync(api.Admin, "dataset=landlords",
            Landlords + Row(first, second) + Row(second, third) + Row(third, first) + Row(other, first) + Row(NewSiren(), null));
        Assert.Equal("DONE_WITH_REJECTS 1/0/0/4", Outcome(within));
        Assert.Equal(["2 SUCCESSOR_CIRCLE", "3 SUCCESSOR_CIRCLE", "4 SUCCESSOR_CIRCLE", "5 SUCCESSOR_UNKNOWN"], await CodesAsync(within));

        await ImportAsync(api.Admin, "dataset=landlords", Landlords + Row(first, second) + Row(second, third) + Row(third, null));
        var known = await ImportAsync(api.Admin, "dataset=landlords", Landlords + Row(third, first));
        Assert.Equal("DONE_WITH_REJECTS 0/0/0/1", Outcome(known));
        Assert.Equal(["2 SUCCESSOR_CIRCLE"], await CodesAsync(known));
    }

    [Fact]
    public async Task Who_succeeds_to_a_refused_landlord_is_refused_with_it_down_the_chain()
    {
        var (first, second, reversed) = (NewSiren(), NewSiren(), NewSiren());

        var import = await ImportAsync(
            api.Admin, "dataset=landlords", Landlords + Row(first, second) + Row(second, reversed) + Row(reversed, null, 2020, 2019));

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/3", Outcome(import));
        Assert.Equal(["2 SUCCESSOR_UNKNOWN", "3 SUCCESSOR_UNKNOWN", "4 ACTIVE_PERIOD"], (await CodesAsync(import)).Order());
    }

    [Fact]
    public async Task Predecessors_make_one_new_version_of_both_and_stay_where_a_list_lacks_them()
    {
        var (old, young) = NewQpvs();
        var (other, _) = NewQpvs();
        await ImportAsync(api.Admin, "dataset=qpvs", Qpvs + $"{old};A;59350;\n{other};B;59350;\n{young};C;59350;\n");

        var file = Qpvs + $"{young};C;59350;{other} | {old.ToLowerInvariant()}\n";
        var plan = await ImportAsync(api.Admin, "dataset=qpvs&mode=validate", file);
        var change = (await ReadAsync(api.Admin, $"/v1/imports/{plan["id"]}/changes"))["data"]![0]!;
        Assert.Equal($"[] [\"{old}\",\"{other}\"]",
            $"{change["before"]!["predecessors"]!.ToJsonString()} {change["after"]!["predecessors"]!.ToJsonString()}");
        Assert.Equal("DONE 0/1/0/0", Outcome(await ImportAsync(api.Admin, "dataset=qpvs", file)));
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, "dataset=qpvs", file)));
        Assert.Equal("DONE 0/0/1/0", Outcome(await ImportAsync(api.Admin, "dataset=qpvs", $"code_qp;lib_qp;insee_com\n{young};C;59350\n")));

        var (_, qpv, _) = await api.Anonymous.Read("/v1/qpvs/" + young);
        Assert.Equal([old, other], qpv["predecessors"]!.AsArray().Select(code => (string)code!).Order());
        Assert.Equal(2, (int)qpv["version"]!);
        Assert.Equal(2, (int)(await api.Anonymous.Read("/v1/qpvs/" + old)).Body["version"]!);
        Assert.Equal($"[\"{old}\", \"{other}\"]", await api.Given.Scalar<string>(
            "select (content -> 'predecessors')::text from change where object_type = 'qpv' and object_key = $1 and version = 2", young));

        var again = await ImportAsync(api.Admin, "dataset=qpvs", $"[{qpv.ToJsonString()}]", "application/json");
        Assert.Equal("DONE 0/0/1/0", Outcome(again));
    }

    [Fact]
    public async Task Both_lists_come_in_one_file_each_at_its_first_version()
    {
        var (old, young) = NewQpvs();

        Assert.Equal("DONE 2/0/0/0", Outcome(
            await ImportAsync(api.Admin, "dataset=qpvs", Qpvs + $"{young};A;59350;{old}\n{old};B;59350;\n")));
        Assert.Equal(2L, await api.Given.Scalar<long>(
            "select count(*) from change where object_type = 'qpv' and object_key in ($1, $2)", old, young));
    }

    [Fact]
    public async Task Predecessors_are_known_codes_of_2015_for_a_qpv_of_2024()
    {
        var (old, young) = NewQpvs();
        var (lost, _) = NewQpvs();

        var import = await ImportAsync(api.Admin, "dataset=qpvs",
            Qpvs
                + $"{young};A;59350;{lost}\n{old};B;59350;{lost}\n{young[..5]}98I;C;59350;{young}\n{young[..5]}99I;D;59350;Lille\n{lost};;59350;\n");

        Assert.Equal("DONE_WITH_REJECTS 0/0/0/5", Outcome(import));
        Assert.Equal(
            ["2 PREDECESSOR_UNKNOWN", "3 PREDECESSORS_INVALID", "4 PREDECESSORS_INVALID", "5 QPV_CODE_INVALID", "6 REQUIRED"],
            (await CodesAsync(import)).Order());
    }
}
