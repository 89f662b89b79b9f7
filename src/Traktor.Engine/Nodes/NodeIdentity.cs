using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Nodes;

/// <summary>The identity of an initialised node.</summary>
/// <param name="NodeId">NodeID.</param>
/// <param name="Incarnation">A random value from its initialisation that distinguishes it from other databases with the
/// same NodeID.</param>
/// <param name="SystemIdentifier">The server's system identifier; servers copied from one data directory share
/// it.</param>
/// <param name="DatabaseOid">The database's oid.</param>
/// <param name="IsCopy">Whether the database is a copy of the one that was initialised: it has another oid, or is on a
/// server with another system identifier.</param>
/// <param name="SchemaVersion">Version of its schema: the number of the last migration.</param>
/// <param name="ScriptsHash"><see cref="SchemaScripts.Hash"/> of its functions, views and grants.</param>
public sealed record NodeIdentity(
    int NodeId,
    Guid Incarnation,
    long SystemIdentifier,
    long DatabaseOid,
    bool IsCopy,
    int SchemaVersion,
    string ScriptsHash
)
{
    /// <summary>Whether the schema is this release's, so that the arbiter may use it.</summary>
    public bool IsCurrent => IsOf(SchemaScripts.Release);

    /// <summary>Whether the schema is the one of <paramref name="scripts"/>.</summary>
    public bool IsOf(SchemaScripts scripts) => SchemaVersion == scripts.Version && ScriptsHash == scripts.Hash;
}

/// <summary>A server and the node on it, if it is initialised.</summary>
/// <param name="VersionNum"><c>server_version_num</c>.</param>
/// <param name="HasSchema">Whether a schema trktr exists.</param>
/// <param name="IsStandby">Whether it is in recovery and cannot be written to.</param>
/// <param name="Clock">Its clock when it answered.</param>
/// <param name="Identity">The node; null when it is not initialised.</param>
/// <param name="IsOurs">Whether the schema trktr has tables of Traktor's.</param>
public sealed record NodeProbe(int VersionNum, bool HasSchema, bool IsStandby, DateTimeOffset Clock, NodeIdentity? Identity, bool IsOurs)
{
    /// <summary>Whether the schema is Traktor's and does not say which node it is: someone has changed it.</summary>
    public bool IsDamaged => IsOurs && Identity is null;

    /// <summary>Reads what <paramref name="connection"/> leads to, whatever that is.</summary>
    public static async Task<NodeProbe> LookAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var server = await connection.QuerySingleAsync<Server>(
            new CommandDefinition(SqlFile.Read("Nodes/read_server.sql"), cancellationToken: cancel)
        );
        return server.HasIdentity && await ReadNodeAsync(connection, cancel) is { } node
            ? node
            : new NodeProbe(server.VersionNum, server.HasSchema, server.IsStandby, new DateTimeOffset(server.Clock), null, server.IsOurs);
    }

    /// <summary>
    /// The same in one statement, where there is a node; null where its row is missing. Fails with undefined_table
    /// where there is none, which aborts a transaction.
    /// </summary>
    internal static async Task<NodeProbe?> ReadNodeAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Node>(
            new CommandDefinition(SqlFile.Read("Nodes/read_node.sql"), cancellationToken: cancel)
        );
        return row is null
            ? null
            : new NodeProbe(
                row.VersionNum,
                HasSchema: true,
                row.IsStandby,
                new DateTimeOffset(row.Clock),
                new NodeIdentity(
                    row.NodeId,
                    row.Incarnation,
                    row.SystemIdentifier,
                    row.DatabaseOid,
                    row.IsCopy,
                    row.SchemaVersion,
                    row.ScriptsHash
                ),
                IsOurs: true
            );
    }

    private sealed record Node(
        int VersionNum,
        bool IsStandby,
        DateTime Clock,
        int NodeId,
        Guid Incarnation,
        long SystemIdentifier,
        long DatabaseOid,
        bool IsCopy,
        int SchemaVersion,
        string ScriptsHash
    );

    private sealed record Server(int VersionNum, bool HasIdentity, bool HasSchema, bool IsOurs, bool IsStandby, DateTime Clock);
}
