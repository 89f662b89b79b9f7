using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Joining;

/// <summary>The mesh that a node is about to join.</summary>
/// <param name="Own">This node's database as the others reach it.</param>
/// <param name="Source">The node whose rows are copied.</param>
/// <param name="Peers">The other nodes.</param>
/// <param name="Tables">How many tables are copied.</param>
internal sealed record JoinPlan(Conninfo Own, MeshMember Source, IReadOnlyList<MeshMember> Peers, int Tables)
{
    /// <summary>All nodes of the mesh.</summary>
    public IEnumerable<MeshMember> Members => Peers.Prepend(Source);
}

/// <summary>
/// What must be so before a node joins a mesh. Everything is looked at, and nothing changed: what is wrong is refused
/// with what to change.
/// </summary>
internal sealed class JoinChecks(LocalNode local, ArbiterSettings settings)
{
    private string Name => $"traktor_{local.NodeId}";

    /// <summary>Looks at this node and at the mesh.</summary>
    /// <exception cref="RefusedException">Why the node cannot join.</exception>
    public async Task<JoinPlan> CheckAsync(JoinOrder order, CancellationToken cancel)
    {
        var own = Conninfo.Parse(order.ConnectionString);
        if (order.SourceNode == local.NodeId)
            throw RefusedException.Conflict($"Node {local.NodeId} is this node.", "Name another node as the source.");
        await using var here = await local.OpenServerAsync(cancel);
        try
        {
            await CheckHereAsync(here, cancel);
            await CheckOwnAsync(here, own, cancel);
            return await AtAsync(
                Conninfo.Parse(order.SourceConnectionString),
                order.SourceNode,
                (source, conninfo) => CheckSourceAsync(here, source, own, conninfo, order.SourceNode, cancel),
                cancel
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    private async Task CheckHereAsync(NpgsqlConnection here, CancellationToken cancel)
    {
        var seen = await NodeProbe.LookAsync(here, cancel);
        if (local.WhyNotOurs(seen) is { } refusal)
            throw refusal;
        RequireOrigins(seen.VersionNum, local.NodeId);
        Preflight.Demand(await Preflight.OfServerAsync(here, settings, cancel));
        if (seen.Identity is null)
            return;
        var present = await here.QuerySingleAsync<string>(
            new CommandDefinition(SqlFile.Read("Joining/read_present.sql"), new { self = local.NodeId }, cancellationToken: cancel)
        );
        if (!string.IsNullOrEmpty(present))
            throw RefusedException.Conflict(
                $"Node {local.NodeId} is part of a mesh already: it has {present}.",
                "Take it out first: DELETE /v1/arbiter/control."
            );
    }

    /// <summary>The others must reach this database by the connection string, and no other.</summary>
    private async Task CheckOwnAsync(NpgsqlConnection here, Conninfo own, CancellationToken cancel)
    {
        // Servers that were copied from one data directory have the same identifier.
        const string Query =
            "select concat_ws('/', s.system_identifier, d.oid, pg_postmaster_start_time()) from pg_control_system() s, pg_database d "
            + "where d.datname = current_database()";
        var wanted = await here.ExecuteScalarAsync<string>(new CommandDefinition(Query, cancellationToken: cancel));
        var found = await AtAsync(
            own,
            local.NodeId,
            (connection, _) => connection.ExecuteScalarAsync<string>(new CommandDefinition(Query, cancellationToken: cancel)),
            cancel
        );
        if (found != wanted)
            throw RefusedException.Conflict(
                "connection_string leads to another database than this node's.",
                "Give the connection string by which the other nodes reach this node's database."
            );
    }

    private async Task<JoinPlan> CheckSourceAsync(
        NpgsqlConnection here,
        NpgsqlConnection source,
        Conninfo own,
        Conninfo conninfo,
        int node,
        CancellationToken cancel
    )
    {
        var member = await MeshMember.ReadAsync(source, conninfo, node, local, cancel);
        var facts = await SourceFacts.ReadAsync(source, cancel);
        if (!facts.CanRead)
            throw RefusedException.Preflight(
                $"The role that connects to node {node} may not read Traktor's tables there.",
                $"Connect to node {node} with the role of its arbiter."
            );
        await CheckServerAsync(source, node, cancel);
        foreach (var subscription in await SubscriptionCatalog.ReadAsync(source, node, cancel))
            if (SourceRules.WhyNot(node, subscription) is { Kind: not RefusalKind.Unavailable } refusal)
                throw refusal;
        if (facts.SendsTo.Except(facts.Peers.Select(peer => peer.Node)).Where(other => other != local.NodeId).ToList() is [var other, ..])
            throw RefusedException.Conflict(
                $"Node {node} sends to node {other} and does not receive from it.",
                $"Subscribe node {node} to node {other}, or copy from another node."
            );
        if (facts.Unsettled.Count > 0)
            throw RefusedException.Conflict(
                $"Not settled on node {node}: {string.Join(", ", facts.Unsettled)}.",
                "Commit the replicaset, or cancel what is staged, on all nodes."
            );
        if (facts.Lacking.Count > 0)
            throw RefusedException.Conflict(
                $"A node lacks rows of {string.Join(", ", facts.Lacking)}, which were opened without it.",
                "Copy the missing rows, or repair them after a comparison."
            );
        var old = (await OpenTransaction.ReadAsync(source, cancel)).Where(SourceRules.IsVeryOld).ToList();
        if (old.Count > 0)
            throw RefusedException.Conflict(SourceRules.Waits(node, old));
        var there = await TableFacts.ReadAsync(source, facts.Tables, cancel);
        try
        {
            await CheckEncodingAsync(here, facts.Encoding, node, cancel);
            await CheckTablesAsync(here, there, facts.Tables, node, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }

        var peers = new List<MeshMember>();
        foreach (var peer in facts.Peers)
            peers.Add(
                await AtAsync(
                    Conninfo.Parse(peer.ConnectionString),
                    peer.Node,
                    (connection, found) => CheckPeerAsync(connection, found, peer.Node, node, facts, cancel),
                    cancel
                )
            );
        return new JoinPlan(own, member, peers, facts.Tables.Count);
    }

    private async Task<MeshMember> CheckPeerAsync(
        NpgsqlConnection connection,
        Conninfo conninfo,
        int node,
        int source,
        SourceFacts mesh,
        CancellationToken cancel
    )
    {
        var member = await MeshMember.ReadAsync(connection, conninfo, node, local, cancel);
        await CheckServerAsync(connection, node, cancel);
        var senders = (await SubscriptionCatalog.ReadAsync(connection, node, cancel)).Select(one => one.InboundNode).ToHashSet();
        var missing = mesh
            .Peers.Select(peer => peer.Node)
            .Append(source)
            .Where(other => other != node && !senders.Contains(other))
            .ToList();
        if (missing.Count > 0)
            throw RefusedException.Conflict(
                string.Create(CultureInfo.InvariantCulture, $"Node {node} does not receive from node {missing[0]}."),
                "Only a full mesh can be joined: create the missing subscription."
            );
        var published = await PublishedTables.ReadAsync(connection, local.NodeId, cancel);
        if (published.Where(table => table.Schema != ObjectNames.Schema).Except(mesh.Tables).ToList() is [var table, ..])
            throw RefusedException.Conflict(
                $"Node {node} publishes {table}, and node {source} does not.",
                $"Add it to the replicaset of node {source}, or copy from another node."
            );
        return member;
    }

    private async Task CheckServerAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        RequireOrigins((await NodeProbe.LookAsync(connection, cancel)).VersionNum, node);
        var errors = (await Preflight.OfServerAsync(connection, settings, cancel)).Where(one => one.Severity == Severity.Error).ToList();
        if (errors.Count > 0)
            throw RefusedException.Preflight(
                $"Node {node}: {string.Join(" ", errors.Select(error => error.Found))}",
                string.Join(" ", errors.Select(error => error.Hint).OfType<string>().Distinct())
            );
    }

    private static void RequireOrigins(int version, int node)
    {
        if (version < ServerVersion.KnowsOrigin)
            throw RefusedException.Preflight(
                $"Node {node} runs PostgreSQL {ServerVersion.Text(version)}, and a node joins with its data from PostgreSQL 16 on only.",
                "Create the subscriptions one by one, and copy the rows while nobody writes."
            );
    }

    private static async Task CheckEncodingAsync(NpgsqlConnection here, string there, int node, CancellationToken cancel)
    {
        var encoding = await here.ExecuteScalarAsync<string>(
            new CommandDefinition("select current_setting('server_encoding')", cancellationToken: cancel)
        );
        if (encoding != there && (encoding != "UTF8" || there == "SQL_ASCII"))
            throw RefusedException.Preflight(
                $"The encoding of this node's database is {encoding}, that of node {node} is {there}: not every row could be copied.",
                $"Create this node's database with encoding {(there == "SQL_ASCII" ? there : "UTF8")}."
            );
    }

    private static async Task CheckTablesAsync(
        NpgsqlConnection here,
        IReadOnlyDictionary<TableName, TableFacts> there,
        IReadOnlyList<TableName> tables,
        int node,
        CancellationToken cancel
    )
    {
        var own = await TableFacts.ReadAsync(here, tables, cancel);
        if (tables.FirstOrDefault(table => !there.ContainsKey(table)) is { } gone)
            throw RefusedException.Conflict($"{gone} is in the replicaset of node {node} and does not exist there.", "Remove it there.");
        var reasons = there
            .Values.Select(facts => TableComparison.WhyNot(facts, own.GetValueOrDefault(facts.Table)))
            .OfType<string>()
            .ToList();
        if (reasons.Count > 0)
            throw RefusedException.Conflict(
                $"This node cannot take tables of node {node}: {string.Join(" ", reasons)}",
                "Make them here as they are there, and empty: pg_dump --schema-only writes the statements."
            );
        var filled = (
            await here.QueryAsync<string>(
                new CommandDefinition(
                    SqlFile.Read("Joining/read_filled_tables.sql"),
                    new { schemas = tables.Select(table => table.Schema).ToArray(), names = tables.Select(table => table.Name).ToArray() },
                    cancellationToken: cancel
                )
            )
        ).AsList();
        if (filled.Count > 0)
            throw RefusedException.Conflict(
                $"Tables of this node are not empty: {string.Join(", ", filled)}.",
                $"If their rows are not needed: TRUNCATE {string.Join(", ", filled)};"
            );
    }

    private async Task<T> AtAsync<T>(Conninfo conninfo, int node, Func<NpgsqlConnection, Conninfo, Task<T>> ask, CancellationToken cancel)
    {
        // A pool of its own, closed at the end: a connection string that is only tried is not kept.
        await using var tried = Database.ToTry(conninfo, Name);
        try
        {
            await using var connection = await tried.TryOpenAsync(cancel);
            return await ask(connection, conninfo);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, string.Create(CultureInfo.InvariantCulture, $"node {node}"));
        }
    }
}
