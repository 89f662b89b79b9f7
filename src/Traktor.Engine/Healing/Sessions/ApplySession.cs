using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Nodes;
using Traktor.Engine.Origins;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>
/// The session that applies a peer's transactions during a heal. It holds the subscription's replication origin, which
/// only one session can hold: neither the apply worker nor another arbiter can apply at the same time. The origin's
/// progress moves in the transactions that write the rows.
/// </summary>
internal sealed class ApplySession : IAsyncDisposable
{
    private string policies = "";
    private long nextLook;

    private ApplySession(NpgsqlConnection connection, ApplyTerms terms, NpgsqlLogSequenceNumber progress)
    {
        Connection = connection;
        Terms = terms;
        Progress = progress;
        Tables = new MappedTables(this);
        Prepared = new PreparedRows(this);
    }

    public NpgsqlConnection Connection { get; }

    public ApplyTerms Terms { get; private set; }

    /// <summary>The local tables that receive the peer's changes.</summary>
    public MappedTables Tables { get; }

    /// <summary>The statements and functions prepared for rows of each shape.</summary>
    public PreparedRows Prepared { get; }

    /// <summary>Transactions that waited when the session began, for a decision or for a table to be fixed.</summary>
    public required IReadOnlySet<NpgsqlLogSequenceNumber> Waiting { get; init; }

    /// <summary>By which it touches tables of other roles.</summary>
    public required OwnerSession Owners { get; init; }

    /// <summary>Whether the peer may forward transactions, so that only those with its own mark are taken.</summary>
    public required bool IsFiltered { get; init; }

    /// <summary>The origin's progress when the session began.</summary>
    public NpgsqlLogSequenceNumber Progress { get; }

    /// <summary>
    /// Opens the session and takes the origin. Npgsql's exceptions propagate; 55006 (object_in_use) means that another
    /// session holds the origin.
    /// </summary>
    public static async Task<ApplySession> OpenAsync(
        Database database,
        int node,
        int inbound,
        uint subscription,
        bool autoHeal,
        CancellationToken cancel
    )
    {
        var hasOtherOwners = await OwnerSession.HasOtherOwnersAsync(database, cancel);
        var connection = await ApplyConnection.OpenAsync(database, node, inbound, isPrepared: !hasOtherOwners, cancel);
        try
        {
            await SubscriptionOrigin.TakeAsync(connection, subscription, cancel);
            var (progress, isAhead) = await OriginProgress.BeginAsync(connection, inbound, subscription, cancel);
            if (isAhead)
            {
                await SubscriptionOrigin.ReleaseAsync(connection, cancel);
                await OriginProgress.SettleAsync(connection, inbound, subscription, cancel);
                await SubscriptionOrigin.TakeAsync(connection, subscription, cancel);
            }

            var terms = await ApplyTerms.ReadAsync(connection, node, inbound, subscription, autoHeal, cancel);
            await connection.ExecuteAsync(
                new CommandDefinition(
                    SqlFile.Read("Healing/Sessions/name_stream.sql"),
                    new { inbound, origin = (int)terms.Origin },
                    cancellationToken: cancel
                )
            );
            var waiting = await connection.QueryAsync<string>(
                new CommandDefinition(
                    "select distinct lsn::text from trktr.history where subscription = @name and resolved is null",
                    new { name = terms.Name },
                    cancellationToken: cancel
                )
            );
            var isFiltered = await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition(
                    "select is_filtered from trktr.subscription where inbound_node = @inbound",
                    new { inbound },
                    cancellationToken: cancel
                )
            );
            var owners = await OwnerSession.BeginAsync(connection, new Routines(database), hasOtherOwners, cancel);
            return new ApplySession(connection, terms, progress)
            {
                Waiting = waiting.Select(NpgsqlLogSequenceNumber.Parse).ToHashSet(),
                Owners = owners,
                IsFiltered = isFiltered,
            };
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Rolls back an open transaction (a large one that was applied in part) and releases the origin for the apply
    /// worker.
    /// </summary>
    public async Task ReleaseAsync(bool isInsideTransaction, CancellationToken cancel)
    {
        if (isInsideTransaction)
            await Connection.ExecuteAsync(new CommandDefinition("rollback", cancellationToken: cancel));
        await SubscriptionOrigin.ReleaseAsync(Connection, cancel);
        await OriginProgress.SettleAsync(Connection, Terms.Inbound, Terms.Subscription, cancel);
    }

    /// <summary>
    /// Checks every half second whether policies or priorities have changed; a change counts from the next transaction
    /// on.
    /// </summary>
    public async ValueTask LookAtPoliciesAsync(CancellationToken cancel)
    {
        if (Environment.TickCount64 < nextLook)
            return;
        nextLook = Environment.TickCount64 + 500;
        var now =
            await Connection.ExecuteScalarAsync<string>(
                new CommandDefinition(
                    "select concat((select string_agg(format('%s.%s=%s', schema_name, table_name, policy), ',') from "
                        + "trktr.replicaset), '/', "
                        + "(select string_agg(format('%s=%s', node_id, priority), ',') from trktr.node_priority))",
                    cancellationToken: cancel
                )
            ) ?? "";
        if (policies != now && policies.Length > 0)
        {
            Terms = await ApplyTerms.ReadAsync(Connection, Terms.Node, Terms.Inbound, Terms.Subscription, Terms.AutoHeal, cancel);
            Tables.Forget();
            Prepared.Forget();
        }

        policies = now;
    }

    /// <summary>Looks for each routine again, because one of them was dropped.</summary>
    public void ForgetRoutines()
    {
        Owners.Routines.Forget();
        Prepared.Forget();
    }

    /// <summary>Whether a table's conflicts need a decision.</summary>
    public bool IsManual(TargetTable target) => Terms.PolicyOf(target) == Policy.Manual;

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
