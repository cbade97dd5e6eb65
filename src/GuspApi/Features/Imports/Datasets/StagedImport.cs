using GuspApi.Model;
using Npgsql;

namespace GuspApi.Features.Imports;

/// <summary>
/// Datasets of one object a row. Rows stand in the temporary table <c>staged (no, line, outcome, …)</c>; a subclass says in SQL what is
/// wrong with them, what each would do, and how they are written.
/// </summary>
internal abstract class StagedImport(NpgsqlConnection connection, ImportErrorLog log) : ImportTarget(connection, log)
{
    private static readonly Dictionary<string, Text> Messages = new()
    {
        ["LANDLORD_UNKNOWN"] = new("No landlord has this SIREN.", "Aucun bailleur n'a ce SIREN."),
        ["QPV_UNKNOWN"] = new("No QPV has this code.", "Aucun QPV n'a ce code."),
        ["DUPLICATE_KEY"] = new("Another row of the file has the same key.", "Une autre ligne du fichier a la même clé."),
        ["ABATED_ABOVE_DWELLINGS"] = new(
            "There are more abated dwellings than dwellings.", "Il y a plus de logements abattus que de logements."),
        ["ABATEMENT_WITHOUT_METHOD"] = new(
            "The method NONE means no abatement, but the amount is not 0.",
            "La méthode NONE (aucune) veut dire sans abattement, mais le montant n'est pas 0."),
        ["HOLDING_LOCKED"] = new(
            "The declaration of this holding is validated: reopen it before changing the holding.",
            "La déclaration de ce patrimoine est validée : rouvrez-la avant de le modifier."),
        ["ACTIVE_PERIOD"] = new("The landlord would end before it begins.", "Le bailleur finirait avant de commencer."),
        ["SUCCESSOR_UNKNOWN"] = new("No landlord has the SIREN of the successor.", "Aucun bailleur n'a le SIREN du successeur."),
        ["SUCCESSOR_CIRCLE"] = new(
            "A succession does not go in a circle: with what is known and the rest of the file, this landlord would succeed itself.",
            "Une succession ne tourne pas en rond : avec ce qui est connu et le reste du fichier, ce bailleur se succéderait à lui-même."),
        ["SUCCESSOR_SELF"] = new("A landlord does not succeed itself.", "Un bailleur ne se succède pas à lui-même."),
        ["PREDECESSOR_UNKNOWN"] = new("No QPV has the code of this predecessor.", "Aucun QPV n'a le code de ce prédécesseur."),
        ["DEPARTMENT_UNKNOWN"] = new(
            "This département is not known, and the row does not say its région.",
            "Ce département est inconnu, et la ligne ne dit pas sa région."),
        ["REGION_UNKNOWN"] = new(
            "This région is not known, and the row does not say its name.", "Cette région est inconnue, et la ligne ne dit pas son nom."),
        ["EPCI_UNCERTAIN"] = new(
            "The row does not tell in which EPCI this commune is: it was left without one.",
            "La ligne ne dit pas dans quel EPCI est cette commune : elle est restée sans EPCI."),
        ["NAME_MISSING"] = new("The row gives no name: the code stands for it.", "La ligne ne donne pas de nom : le code en tient lieu."),
    };

    /// <summary>The words around what <see cref="CheckSql"/> tells as expected; without words it is numbers and codes.</summary>
    private static readonly Dictionary<string, Text> Expectations = new()
    {
        ["DUPLICATE_KEY"] = new("one row a key; the first is at line {0}", "une ligne par clé ; la première est à la ligne {0}"),
        ["SUCCESSOR_CIRCLE"] = new("a landlord that {0} does not succeed", "un bailleur auquel {0} ne succède pas"),
        ["PREDECESSOR_UNKNOWN"] = new("a QPV of the 2015 list", "un QPV de la liste de 2015"),
        ["EPCI_UNCERTAIN"] = new("one EPCI, or as many as communes", "un EPCI, ou autant que de communes"),
        ["NAME_MISSING"] = new("as many names as communes", "autant de noms que de communes"),
    };

    private int _rejected;

    /// <summary>Number of the row's record: what <c>staged.no</c> holds.</summary>
    protected int No { get; private set; }

    /// <summary>Name of the dataset: imports of one dataset follow one another.</summary>
    protected abstract string Dataset { get; }

    protected abstract string CreateSql { get; }

    /// <summary>Locks what the check rests on until the write; before both.</summary>
    protected virtual string? LockSql => null;

    /// <summary>Rows (no, line, column, key, code, value, expected, refuses) of what is wrong with staged rows.</summary>
    protected abstract string CheckSql { get; }

    /// <summary>
    /// The same of what rows say of other rows, once <see cref="CheckSql"/> gave those it refuses the outcome <c>refused</c>; null where
    /// rows do not speak of each other.
    /// </summary>
    protected virtual string? LinkSql => null;

    /// <summary>Sets <c>outcome</c> of each staged row.</summary>
    protected abstract string CompareSql { get; }

    protected abstract string ApplySql { get; }

    public override Task PrepareAsync(CancellationToken ct) => ExecuteAsync(CreateSql, ct);

    protected abstract Task StageRowAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct);

    protected override async Task StageAsync(ImportRow row, List<ImportFault> faults, CancellationToken ct)
    {
        No = row.Record;
        faults.AddRange(row.Faults);
        await StageRowAsync(row, faults, ct);
        if (faults.Count > 0)
            _rejected++;
    }

    public override async Task CheckAsync(bool willApply, CancellationToken ct)
    {
        if (willApply)
            await DatasetLock.TakeAsync(Connection, Dataset, ct);
        await ExecuteAsync("analyze staged", ct);
        if (willApply && LockSql is { } locks)
            await ExecuteAsync(locks, ct);
        await ExecuteAsync(CompareSql, ct);

        var refused = new HashSet<int>();
        await RefuseAsync(CheckSql, refused, ct);
        if (LinkSql is not null)
            await RefuseAsync(LinkSql, refused, ct);
        _rejected += refused.Count;
        await ExecuteAsync("delete from staged where outcome = 'refused'", ct);
    }

    private async Task RefuseAsync(string sql, HashSet<int> refused, CancellationToken ct)
    {
        await using (var command = new NpgsqlCommand(sql, Connection))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var refuses = reader.GetBoolean(7);
                if (refuses)
                    refused.Add(reader.GetInt32(0));
                await Log.AddAsync(Read(reader, refuses), reader.GetInt32(0), ct);
            }
        }
        if (refused.Count > 0)
            await ImportSql.RunAsync(Connection, "update staged set outcome = 'refused' where no = any($1)", ct, refused.ToArray());
    }

    public override Task<ImportOutcome> ForecastAsync(CancellationToken ct) => CountAsync("staged", _rejected, ct);

    public override async Task<ImportOutcome> ApplyAsync(ImportRunProgress progress, CancellationToken ct)
    {
        await ExecuteAsync(ApplySql, ct);
        return await ForecastAsync(ct);
    }

    private static Text? Expected(string code, string? told) =>
        Expectations.TryGetValue(code, out var words) ? new(string.Format(null, words.En, told), string.Format(null, words.Fr, told))
        : told is null ? null
        : Model.Text.Alike(told);

    private static ImportFault Read(NpgsqlDataReader reader, bool refuses)
    {
        var code = reader.GetString(4);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        return new(reader.GetInt32(1), Text(2), code, Messages[code], Text(5), Expected(code, Text(6)))
        {
            Key = Text(3),
            Severity = refuses ? Severity.Error : Severity.Warning,
        };
    }
}
