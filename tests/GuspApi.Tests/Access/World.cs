using System.Globalization;
using Npgsql;

namespace GuspApi.Tests.Access;

/// <summary>How far a landlord's year in a QPV is.</summary>
public enum State
{
    /// <summary>Not even a holding.</summary>
    Absent,

    /// <summary>A holding without declaration.</summary>
    Undeclared,
    Draft,
    Submitted,
    ChangesRequested,
    Validated,

    /// <summary>Validated once, then reopened and saved anew.</summary>
    Reopened,
}

/// <summary>
/// The objects of the matrix, as many as it wants, all of one landlord and one département. What is not published is marked: each line of
/// a state bears <see cref="Mark"/>, those of a validated version bear another word.
/// </summary>
internal sealed class World(Api api)
{
    /// <summary>Past its due day and without an end: declarations of that year are late, and nothing else.</summary>
    public const int CampaignYear = 2016;

    private const int Years = 10;
    private int made;
    private string qpv = "";

    public string Landlord { get; private set; } = "";
    public string Other { get; private set; } = "";
    public Callers Callers { get; private set; } = null!;
    public string Qpv => "QP059000";
    public string Key { get; private set; } = "";
    public string Import { get; private set; } = "";
    public long Project { get; private set; }

    public static string Mark(State state) => $"unpublished-{state}";

    public static async Task<World> MakeAsync(Api api)
    {
        var world = new World(api);
        world.Landlord = await api.Given.Landlord();
        world.Other = await api.Given.Landlord();
        await api.Given.Qpv(world.Qpv);
        await api.Given.Sql("insert into campaign (year, opens_on, due_on, version) values ($1, '2017-01-01', '2017-03-31', 1)",
            (short)CampaignYear);
        world.Callers = await Callers.MakeAsync(api, world.Landlord, world.Other);
        world.Project = await api.Given.Scalar<long>(
            "insert into project (title, description, objectives, partners, landlord_name, version, source) values ('Titre', 'Texte', "
                + "'{}', '{}', 'Bailleur', 1, 'Test') returning id");
        world.Import = (await api.Given.Scalar<Guid>("""
            insert into import (id, dataset, mode, submit, atomicity, state, actor, idempotency_key, content_type,
              base_revision, received_at,
                                rows_read, created, updated, unchanged, rejected, errors, warnings)
            values (gen_random_uuid(), 'landlords', 'validate', false, 'all', 'VALIDATED', 'bootstrap', 'matrix', 'text/csv', 0, now(),
              0, 0, 0, 0, 0, 0, 0)
            returning id
            """)).ToString();
        return world;
    }

    /// <summary>A key nobody uses, to be rotated and revoked.</summary>
    public async Task SpareKeyAsync() => Key = await api.Given.Scalar<string>("""
        insert into api_key (id, name, secret_hash, scopes, landlords, departments, created_at, created_by)
        values (substr(md5(random()::text), 1, 12), 'Spare', '\x00', array['read'], '{}', '{}', now(), 'test') returning id
        """);

    /// <summary>A fresh object in a state; its key as in paths.</summary>
    public async Task<string> MakeAsync(State state)
    {
        if (made % Years == 0)
            qpv = await api.Given.Qpv($"QP059{made / Years + 1:000}");
        var year = 2015 + made++ % Years;
        if (state != State.Absent)
            await api.Given.Holding(Landlord, year, qpv);
        if (state >= State.Draft)
            await DeclareAsync(year, state);
        return $"{Landlord}/{year}/{qpv}";
    }

    public async Task<string> VersionAsync(string key) => await api.Given.Scalar<string>(
        """
        select coalesce((select version::text || status from declaration where landlord_siren || '/' || year || '/' || qpv_code = $1), '')
               || coalesce((select '/' || version::text from holding where landlord_siren || '/' || year || '/' || qpv_code = $1), '')
        """, key);

    /// <summary>Through the states, one version each, as the workflow does.</summary>
    private async Task DeclareAsync(int year, State state)
    {
        await using var connection = await api.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var id = (long)(await ExecuteAsync(connection, $"""
            insert into declaration (landlord_siren, year, qpv_code, status, action, version, lines_version, ever_submitted)
            values ('{Landlord}', {year.ToString(CultureInfo.InvariantCulture)}, '{qpv}', 'DRAFT', 'SAVED', 1, 1, false) returning id
            """))!;
        await LineAsync(1, state is State.Validated or State.Reopened ? "published" : Mark(state));
        var steps = state switch
        {
            State.Draft => "",
            State.Submitted => "SUBMITTED",
            State.ChangesRequested => "SUBMITTED CHANGES_REQUESTED",
            State.Validated => "SUBMITTED VALIDATED",
            _ => "SUBMITTED VALIDATED REOPENED",
        };
        foreach (var action in steps.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await ExecuteAsync(connection, $"""
                update declaration set version = version + 1, action = '{action}', ever_submitted = true,
                  status = case '{action}' when 'REOPENED' then 'CHANGES_REQUESTED' else '{action}' end,
                  comment = case '{action}' when 'CHANGES_REQUESTED' then '{Mark(state)}' end,
                  validated_version = case '{action}' when 'VALIDATED' then version + 1 else validated_version end,
                  validated_lines_version = case '{action}' when 'VALIDATED' then lines_version else validated_lines_version end
                where id = {id}
                """);
        if (state == State.Reopened)
        {
            await ExecuteAsync(connection,
                $"update declaration set version = version + 1, lines_version = version + 1, action = 'SAVED' where id = {id}");
            await LineAsync(5, Mark(state));
        }
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Task<object?> LineAsync(int version, string action) => ExecuteAsync(connection, $"""
            insert into expense_line (declaration_id, version, ref, no, axis, action, family, actual, qualitative_review)
            values ({id}, {version}, 'L1', 1, 3, '{action}', 'SPECIFIC', 8000, 'Bilan')
            """);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
