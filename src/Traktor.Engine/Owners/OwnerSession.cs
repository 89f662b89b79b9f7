using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Owners;

/// <summary>
/// A session that touches users' tables. Triggers, casts, index expressions, checks and defaults there are code of the
/// table's owner: statements on a table of another role run inside a function with that role's rights
/// (<see cref="Routine"/>), and after each it is checked that nothing of the session was changed that outlasts it.
/// Statements of ours have no names in such a session: the owner could put another under the name.
/// </summary>
internal sealed class OwnerSession
{
    private OwnerSession(NpgsqlConnection connection, Routines routines, string settings, bool mayRunOwnersCode) =>
        (Connection, Routines, Settings, MayRunOwnersCode) = (connection, routines, settings, mayRunOwnersCode);

    public NpgsqlConnection Connection { get; }

    /// <summary>The routines that it calls.</summary>
    public Routines Routines { get; }

    /// <summary>What <c>trktr.settings_in_force</c> returns while no code of an owner has changed a setting.</summary>
    public string Settings { get; }

    /// <summary>Whether it was opened for tables of other roles.</summary>
    public bool MayRunOwnersCode { get; }

    /// <summary>
    /// Whether a replicated table belongs to another role than the arbiter's. Ask before the session is opened: it must
    /// not prepare statements by name then.
    /// </summary>
    public static async Task<bool> HasOtherOwnersAsync(Database database, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(SqlFile.Read("Owners/has_other_owners.sql"), cancellationToken: cancel)
        );
    }

    /// <summary>Takes a session whose settings are made; no code of a table's owner has run in it.</summary>
    public static async Task<OwnerSession> BeginAsync(
        NpgsqlConnection connection,
        Routines routines,
        bool mayRunOwnersCode,
        CancellationToken cancel
    ) =>
        new(
            connection,
            routines,
            await connection.ExecuteScalarAsync<string>(
                new CommandDefinition("select trktr.settings_in_force()", cancellationToken: cancel)
            ) ?? "",
            mayRunOwnersCode
        );

    /// <summary>The commands that run a statement on a table with the rights of its owner.</summary>
    /// <param name="owner">The owner; null when it is the arbiter's own role.</param>
    /// <param name="command">The statement, which is changed into a call.</param>
    /// <param name="columns">Names and types of the columns that it returns.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <param name="logged">As for <see cref="Check"/>.</param>
    public async ValueTask<IReadOnlyList<NpgsqlBatchCommand>> CommandsAsync(
        string? owner,
        NpgsqlBatchCommand command,
        string columns,
        CancellationToken cancel,
        TableName? logged = null
    )
    {
        if (owner is null)
            return [command];
        Require(owner);
        var routine = Routine.Query(owner, command.CommandText, Routine.TypesOf(command.Parameters), columns);
        command.CommandText = $"select * from {Routine.Call(await Routines.NameAsync(routine, cancel), command.Parameters.Count)}";
        return [command, Check(logged)];
    }

    /// <summary>
    /// A query on a table as a FROM item, to which an alias is added: the query itself, or a function with the owner's
    /// rights. Run <see cref="Check"/> after the statement that it is used in where the table is another role's.
    /// </summary>
    /// <param name="owner">The owner; null when it is the arbiter's own role.</param>
    /// <param name="query">The query. It uses the statement's first parameters.</param>
    /// <param name="arguments">Their types.</param>
    /// <param name="columns">Names and types of its columns.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async ValueTask<string> FromItemAsync(
        string? owner,
        string query,
        IReadOnlyList<string> arguments,
        string columns,
        CancellationToken cancel
    )
    {
        if (owner is null)
            return $"({query})";
        Require(owner);
        return Routine.Call(await Routines.NameAsync(Routine.Query(owner, query, arguments, columns), cancel), arguments.Count);
    }

    /// <summary>The checks after a statement that touches a table: none where it is the arbiter's own role's.</summary>
    public IEnumerable<NpgsqlBatchCommand> After(string? owner) => owner is null ? [] : [Check()];

    /// <summary>Ends the session when it was not opened for tables of other roles, and one of them is.</summary>
    /// <exception cref="OwnerChangedException">It has to be opened anew.</exception>
    public void Require(string? owner)
    {
        if (owner is not null && !MayRunOwnersCode)
            throw new OwnerChangedException(owner);
    }

    /// <summary>
    /// The command that checks the session, to be run right after each that touches a table of another role.
    /// </summary>
    /// <param name="logged">The table in <c>trktr.logged_table</c> while it runs; null for none.</param>
    public NpgsqlBatchCommand Check(TableName? logged = null) =>
        new("call trktr.require_untouched($1)") { Parameters = { SettingsParameter(logged) } };

    /// <summary>A parameter with <see cref="Settings"/>, for a routine that checks the session itself.</summary>
    /// <param name="logged">As for <see cref="Check"/>.</param>
    public NpgsqlParameter SettingsParameter(TableName? logged = null) =>
        new NpgsqlParameter<string>
        {
            // The setting is the last one in the text, and empty when the session begins.
            TypedValue = logged is { } table ? $"{Settings}{table.Schema}.{table.Name}" : Settings,
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
        };
}
