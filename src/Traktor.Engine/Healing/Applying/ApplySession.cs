using System.Globalization;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Targets;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Applying;

/// <summary>
/// The one session that applies a peer's transactions during a heal. It holds the subscription's replication origin,
/// which only one session can: neither the server's worker nor another arbiter can apply at the same time, and its
/// progress moves in the very transactions that write the rows.
/// </summary>
internal sealed class ApplySession : IAsyncDisposable
{
    private static readonly TimeSpan OriginPatience = TimeSpan.FromSeconds(10);

    // As the server's own worker sets them, and: asynchronous commit, since the progress is as durable as the rows;
    // plans that look rows up by index, made once.
    private const string Settings = """
        set session_replication_role = replica; set synchronous_commit = off; set search_path = ''; set datestyle = iso; set intervalstyle = postgres; set extra_float_digits = 1; set bytea_output = hex;
        set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set row_security = off;
        set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    /// <summary>
    /// With the formats above the triggers need not set what <c>trktr.image</c> does; the time zone is left to the
    /// server, since defaults of local columns may go by it.
    /// </summary>
    private const string PlainFormats =
        $"set_config('{SessionSettings.ImageFormats}', case when current_setting('TimeZone') in ('UTC', 'Etc/UTC') then 'on' else '' end, false)";

    private readonly Dictionary<RemoteRelation, MappedRelation?> relations = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(RowShape Shape, bool IsMany, bool IsDecided), IReadOnlyList<RowStatement>> statements = [];

    private readonly Dictionary<(RowShape Shape, bool IsMany), string?> procedures = [];

    private readonly Dictionary<RowShape, string?> streams = [];

    private int proceduresMade;
    private string policies = "";
    private long nextLook;

    private ApplySession(NpgsqlConnection connection, ApplyTerms terms, NpgsqlLogSequenceNumber progress)
    {
        Connection = connection;
        Terms = terms;
        Progress = progress;
    }

    public NpgsqlConnection Connection { get; }

    public ApplyTerms Terms { get; private set; }

    /// <summary>Transactions of which something waited when the session began: a decision by hand, or a table to be mended.</summary>
    public required IReadOnlySet<NpgsqlLogSequenceNumber> Waiting { get; init; }

    /// <summary>Whether the session may make temporary objects; without it everything is done all the same, slower.</summary>
    public required bool MayMakeProcedures { get; init; }

    /// <summary>Whether the peer may forward what it applied, so that only its marked transactions are taken.</summary>
    public required bool IsFiltered { get; init; }

    /// <summary>How far was applied when the session began.</summary>
    public NpgsqlLogSequenceNumber Progress { get; }

    /// <summary>
    /// Opens it and takes the origin. Throws what Npgsql throws; 55006 (object_in_use) when somebody else keeps the
    /// origin.
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
        var settings = database.Conninfo.ToNpgsql();
        settings.ApplicationName = ObjectNames.Subscription(node, inbound) + "_heal";
        settings.Pooling = false;
        settings.CommandTimeout = 0;
        settings.MaxAutoPrepare = 400;
        settings.AutoPrepareMinUsages = 1;
        settings.IncludeErrorDetail = true;
        settings.IncludeFailedBatchedCommand = true;
        settings.WriteBufferSize = 65536;
        settings.ReadBufferSize = 65536;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            await connection.ExecuteAsync(new CommandDefinition(Settings, cancellationToken: cancel));
            await connection.ExecuteAsync(
                new CommandDefinition(
                    $"select set_config('{SessionSettings.Peer}', @peer, false), set_config('{SessionSettings.HealerRecords}', '{Recording.Later}', false), {PlainFormats}",
                    new { peer = inbound.ToString(CultureInfo.InvariantCulture) },
                    cancellationToken: cancel
                )
            );
            var origin = ObjectNames.Origin(subscription);
            await TakeOriginAsync(connection, origin, cancel);
            var (progress, isAhead) = await OriginProgress.BeginAsync(connection, inbound, subscription, cancel);
            if (isAhead)
            {
                await ResetOriginAsync(connection, cancel);
                await OriginProgress.SettleAsync(connection, inbound, subscription, cancel);
                await TakeOriginAsync(connection, origin, cancel);
            }

            var terms = await ApplyTerms.ReadAsync(connection, node, inbound, subscription, autoHeal, cancel);
            await connection.ExecuteAsync(
                new CommandDefinition(
                    SqlFile.Read("Healing/Applying/name_stream.sql"),
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
            return new ApplySession(connection, terms, progress)
            {
                Waiting = waiting.Select(NpgsqlLogSequenceNumber.Parse).ToHashSet(),
                MayMakeProcedures = await connection.ExecuteScalarAsync<bool>(
                    new CommandDefinition("select has_database_privilege(current_database(), 'TEMPORARY')", cancellationToken: cancel)
                ),
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
    /// Undoes what is open (a large transaction that came in part) and lets go of the origin, so that the server's
    /// worker finds it free.
    /// </summary>
    public async Task ReleaseAsync(bool isInsideTransaction, CancellationToken cancel)
    {
        if (isInsideTransaction)
            await Connection.ExecuteAsync(new CommandDefinition("rollback", cancellationToken: cancel));
        await ResetOriginAsync(Connection, cancel);
        await OriginProgress.SettleAsync(Connection, Terms.Inbound, Terms.Subscription, cancel);
    }

    /// <summary>The table that receives a relation's rows; null when this subscription does not take it.</summary>
    /// <exception cref="ApplyFault">It is missing or does not fit.</exception>
    public async ValueTask<MappedRelation?> MapAsync(RemoteRelation relation, CancellationToken cancel)
    {
        if (relations.TryGetValue(relation, out var known))
            return known;
        var target = await TargetTable.ReadAsync(Connection, relation.Table, Terms.Subscription, cancel);
        return relations[relation] = target.IsSubscribed ? MappedRelation.Of(relation, target) : null;
    }

    public IReadOnlyList<RowStatement> StatementsFor(RowShape shape, bool isMany, bool isDecided)
    {
        if (!statements.TryGetValue((shape, isMany, isDecided), out var made))
            statements[(shape, isMany, isDecided)] = made = RowStatements.For(shape, Terms, isMany, isDecided);
        return made;
    }

    /// <summary>The statement that applies rows of a shape by a function that was made for it; null when there can be none.</summary>
    public async ValueTask<string?> ProcedureForAsync(RowShape shape, bool isMany, CancellationToken cancel)
    {
        if (procedures.TryGetValue((shape, isMany), out var call))
            return call;
        if (!MayMakeProcedures || !RowProcedure.Fits(shape, isMany))
            return procedures[(shape, isMany)] = null;
        var number = ++proceduresMade;
        await Connection.ExecuteAsync(new CommandDefinition(RowProcedure.Create(number, shape, Terms, isMany), cancellationToken: cancel));
        return procedures[(shape, isMany)] = RowProcedure.Call(number, shape, isMany);
    }

    /// <summary>
    /// The statement that applies many transactions of one row of a shape each, by a procedure that commits them; null
    /// when there can be none. Not inside a transaction.
    /// </summary>
    public async ValueTask<string?> StreamForAsync(RowShape shape, CancellationToken cancel)
    {
        if (streams.TryGetValue(shape, out var call))
            return call;
        if (!MayMakeProcedures || !RowProcedure.FitsStream(shape))
            return streams[shape] = null;
        var number = ++proceduresMade;
        await Connection.ExecuteAsync(
            new CommandDefinition(RowProcedure.Create(number, shape, Terms, isMany: false), cancellationToken: cancel)
        );
        await Connection.ExecuteAsync(new CommandDefinition(RowProcedure.CreateStream(number, shape), cancellationToken: cancel));
        return streams[shape] = RowProcedure.CallStream(number, shape);
    }

    /// <summary>A transaction was undone, and the functions that were made in it.</summary>
    public void ForgetProcedures() => procedures.Clear();

    /// <summary>Every half second: policies and priorities that were changed meanwhile count from the next transaction on.</summary>
    public async ValueTask LookAtPoliciesAsync(CancellationToken cancel)
    {
        if (Environment.TickCount64 < nextLook)
            return;
        nextLook = Environment.TickCount64 + 500;
        var now =
            await Connection.ExecuteScalarAsync<string>(
                new CommandDefinition(
                    "select concat((select string_agg(format('%s.%s=%s', schema_name, table_name, policy), ',') from trktr.replicaset), '/', "
                        + "(select string_agg(format('%s=%s', node_id, priority), ',') from trktr.node_priority))",
                    cancellationToken: cancel
                )
            ) ?? "";
        if (policies != now && policies.Length > 0)
        {
            Terms = await ApplyTerms.ReadAsync(Connection, Terms.Node, Terms.Inbound, Terms.Subscription, Terms.AutoHeal, cancel);
            relations.Clear();
            statements.Clear();
            procedures.Clear();
            streams.Clear();
        }

        policies = now;
    }

    /// <summary>Whether a table's conflicts wait for a hand.</summary>
    public bool IsManual(TargetTable target) => Terms.PolicyOf(target) == Policy.Manual;

    /// <summary>Groups changes into runs and truncations, in their order; changes of tables that are not subscribed are left out.</summary>
    public async Task<List<object>> GroupAsync(IReadOnlyList<RemoteChange> changes, CancellationToken cancel)
    {
        var groups = new List<object>();
        RowRun? run = null;
        foreach (var change in changes)
        {
            if (change is not RowChange row)
            {
                groups.Add(change);
                run = null;
                continue;
            }

            if (await MapAsync(row.Relation, cancel) is not { } mapped)
                continue;
            var shape = RowShape.Of(mapped, row);
            if (run is null || !run.TryAdd(shape, row))
            {
                run = new RowRun(shape);
                run.TryAdd(shape, row);
                groups.Add(run);
            }
        }

        return groups;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static Task ResetOriginAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(new CommandDefinition("select pg_replication_origin_session_reset()", cancellationToken: cancel));

    /// <summary>The worker that was just disabled holds it for another moment.</summary>
    private static async Task TakeOriginAsync(NpgsqlConnection connection, string origin, CancellationToken cancel)
    {
        var timeout = DateTime.UtcNow + OriginPatience;
        while (true)
        {
            try
            {
                await connection.ExecuteAsync(
                    new CommandDefinition("select pg_replication_origin_session_setup(@origin)", new { origin }, cancellationToken: cancel)
                );
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < timeout)
            {
                await Task.Delay(5, cancel);
            }
        }
    }
}
