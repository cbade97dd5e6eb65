using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using GuspApi.Features.Imports;

namespace GuspApi.Tests.Features.Imports;

public sealed class SchemaTests(Api api) : IClassFixture<Api>
{
    public static readonly TheoryData<string> Datasets = ["declarations", "holdings", "landlords", "qpvs", "communes"];

    [Theory]
    [MemberData(nameof(Datasets))]
    public void Every_column_is_described_and_its_example_keeps_its_rules(string name)
    {
        var dataset = ImportDataset.Of(name);
        var schema = ImportSchema.Of(dataset);

        Assert.Equal(dataset.Columns.Select(column => column.Name), schema.Fields.Select(field => field.Name));
        Assert.All(schema.PrimaryKey, key => Assert.Contains(
            key, schema.Fields.Where(field => field.Constraints.Required).Select(field => field.Name)));
        Assert.All(schema.Fields, field =>
        {
            var (rules, example) = (field.Constraints, field.Example);
            Assert.True(field.Title.Length > 0 && field.Description.EndsWith('.') && example.Length > 0);
            Assert.True(rules.Pattern is null || Regex.IsMatch(example, $"^(?:{rules.Pattern})$"), $"{field.Name} {example}");
            Assert.True(rules.Enum is null || rules.Enum.Contains(example));
            Assert.True(rules.MaxLength is null || example.Length <= rules.MaxLength);
            if (field.Type != "string")
                Assert.InRange(decimal.Parse(example, CultureInfo.InvariantCulture), rules.Minimum!.Value, rules.Maximum!.Value);
        });
    }

    /// <summary>The rules of the schema are those of the import: examples pass, and words of an enumeration all do.</summary>
    [Fact]
    public async Task A_row_of_examples_has_no_fault_but_that_its_objects_do_not_exist()
    {
        foreach (var name in Datasets.Select(row => row.Data))
        {
            var fields = ImportSchema.Of(ImportDataset.Of(name)).Fields;
            var widest = fields.Max(field => field.Constraints.Enum?.Count ?? 1);
            var rows = Enumerable.Range(0, widest).Select(i => string.Join(';', fields.Select(field =>
                field.Name == "ref" ? $"A{i}" : $"\"{(field.Constraints.Enum is { } words ? words[i % words.Count] : field.Example)}\"")));
            var file = string.Join(';', fields.Select(field => field.Name)) + "\n" + string.Join('\n', rows) + "\n";

            var import = await ImportClient.ImportAsync(api.Admin, $"dataset={name}&mode=validate", file);
            var codes = (await ImportClient.ErrorsAsync(api.Admin, import)).Where(error => (string?)error["severity"] == "ERROR")
                .Select(error => (string)error["code"]!);
            Assert.Empty(codes.Except(
                ["LANDLORD_UNKNOWN", "QPV_UNKNOWN", "DUPLICATE_KEY", "ABATEMENT_WITHOUT_METHOD", "SUCCESSOR_UNKNOWN",
                    "PREDECESSOR_UNKNOWN"]));
        }
    }

    [Fact]
    public async Task Anyone_reads_it_as_a_table_schema()
    {
        var schema = await ImportClient.ReadAsync(api.Anonymous, "/v1/imports/schema?dataset=declarations");

        Assert.Equal("https://specs.frictionlessdata.io/schemas/table-schema.json", (string?)schema["$schema"]);
        Assert.Equal("""{"required":true,"pattern":"^[0-9]{9}$"}""", schema["fields"]![0]!["constraints"]!.ToJsonString());
        Assert.Equal("""[""]""", schema["missingValues"]!.ToJsonString());
        Assert.Equal(HttpStatusCode.BadRequest, (await api.Anonymous.GetAsync("/v1/imports/schema", TestContext.Current.CancellationToken))
            .StatusCode);
    }
}
