using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Membership;

/// <summary>A change that could not be processed, of <c>trktr.set_aside</c>.</summary>
public sealed record SetAsideEntry(long Id, string Schema, string Table, string Key, string Problem, long Total)
{
    private const int Most = 5;

    /// <summary>The oldest entries. Npgsql's exceptions propagate.</summary>
    public static async Task<IReadOnlyList<SetAsideEntry>> ReadOldestAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (
            await connection.QueryAsync<SetAsideEntry>(
                new CommandDefinition(SqlFile.Read("Membership/read_set_aside.sql"), new { most = Most }, cancellationToken: cancel)
            )
        ).AsList();
}
