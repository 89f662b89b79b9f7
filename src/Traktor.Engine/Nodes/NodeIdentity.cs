using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Nodes;

/// <summary>Who an initialised node is.</summary>
/// <param name="NodeId">NodeID.</param>
/// <param name="Incarnation">Drawn when the node was initialised: tells it from any other database that claims the same NodeID.</param>
/// <param name="SchemaVersion">Version of our schema there: the number of its last migration.</param>
/// <param name="ScriptsHash">One hash of the functions, views and grants that are installed there.</param>
public sealed record NodeIdentity(int NodeId, Guid Incarnation, int SchemaVersion, string ScriptsHash)
{
    /// <summary>Whether the schema is this release's, so that the arbiter may work with it.</summary>
    public bool IsCurrent => IsOf(SchemaScripts.Release);

    /// <summary>Whether the schema is as <paramref name="scripts"/> make it.</summary>
    public bool IsOf(SchemaScripts scripts) => SchemaVersion == scripts.Version && ScriptsHash == scripts.Hash;
}

/// <summary>A server and, when it is initialised, the node on it.</summary>
/// <param name="VersionNum"><c>server_version_num</c>.</param>
/// <param name="HasSchema">Whether there is a schema trktr.</param>
/// <param name="IsStandby">Whether it is in recovery and cannot be written to.</param>
/// <param name="Clock">Its clock when it answered.</param>
/// <param name="Identity">The node; null when it is not initialised.</param>
public sealed record NodeProbe(int VersionNum, bool HasSchema, bool IsStandby, DateTimeOffset Clock, NodeIdentity? Identity)
{
    /// <summary>Looks at whatever <paramref name="connection"/> leads to.</summary>
    public static async Task<NodeProbe> LookAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var server = await connection.QuerySingleAsync<Server>(
            new CommandDefinition(SqlFile.Read("Nodes/read_server.sql"), cancellationToken: cancel)
        );
        var identity = server.HasIdentity
            ? await connection.QuerySingleOrDefaultAsync<NodeIdentity>(
                new CommandDefinition(SqlFile.Read("Nodes/read_identity.sql"), cancellationToken: cancel)
            )
            : null;
        return new NodeProbe(server.VersionNum, server.HasSchema, server.IsStandby, new DateTimeOffset(server.Clock), identity);
    }

    private sealed record Server(int VersionNum, bool HasIdentity, bool HasSchema, bool IsStandby, DateTime Clock);
}
