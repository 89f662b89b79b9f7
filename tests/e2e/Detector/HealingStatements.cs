using Npgsql;
using NpgsqlTypes;
using Traktor.E2ETests.Mesh;
using Traktor.Engine.Conflicts;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.E2ETests.Detector;

/// <summary>
/// A healing session of node 0 and its functions for rows of the table <c>watched (id, v)</c> that node 1 sends, as
/// <c>PreparedRows</c> makes and calls them.
/// </summary>
internal sealed class HealingStatements : IAsyncDisposable
{
    private static readonly RemoteRelation Watched = new(1, new TableName("public", "watched"), [new("id", true), new("v", false)]);

    /// <summary>
    /// Under first_update_wins the peer's row must be the earlier one, else the later one, to overwrite.
    /// </summary>
    private static readonly DateTime Early = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Late = new(2090, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly Dictionary<(ChangeKind Kind, Policy Policy, bool IsMany), (RowShape Shape, string Call)> calls = [];
    private readonly Database database;
    private readonly TargetTable target;
    private readonly ApplyTerms terms;

    private HealingStatements(Database database, NpgsqlConnection connection, TargetTable target, uint origin)
    {
        (this.database, Connection, this.target) = (database, connection, target);
        terms = new ApplyTerms(
            Node: 0,
            Inbound: 1,
            Subscription: 0,
            origin,
            new Dictionary<uint, int> { [origin] = 1 },
            TracksCommits: true,
            AutoHeal: true,
            new NodePriorities(new Dictionary<int, int> { [1] = -1 }),
            WritesPlainly: false
        );
    }

    public NpgsqlConnection Connection { get; }

    public static async Task<HealingStatements> OpenAsync(MeshNode node, uint origin)
    {
        var database = new Database(Conninfo.Parse(node.Server.Conninfo(TestMesh.Database)), "test");
        var connection = await ApplyConnection.OpenAsync(database, 0, 1, isPrepared: false, CancellationToken.None);
        var target = await TargetTable.ReadAsync(connection, Watched.Table, 0, CancellationToken.None);
        Assert.True(target.IsWatched);
        return new HealingStatements(database, connection, target, origin);
    }

    /// <summary>What is recorded of the rows that a change overwrites under a policy.</summary>
    public string RecordingOf(ChangeKind kind, Policy policy) => new Contention(terms, policy, "").HealingOf(kind);

    /// <summary>The call that applies one change of each row, all of one transaction.</summary>
    public async Task<NpgsqlBatchCommand> CallAsync(ChangeKind kind, Policy policy, params int[] rows)
    {
        var changes = rows.Select((row, i) => Change(kind, i + 1, row)).ToList();
        var isMany = changes.Count > 1;
        if (!calls.TryGetValue((kind, policy, isMany), out var made))
        {
            var shape = RowShape.Of(MappedRelation.Of(Watched, target with { Policy = policy }), changes[0]);
            Assert.True(OverwriteLog.AreFor(shape) && RowProcedure.Fits(shape, isMany));
            var routine = RowProcedure.Of(shape, terms, isMany, owners: null);
            var name = await new Routines(database).NameAsync(routine, CancellationToken.None);
            calls[(kind, policy, isMany)] = made = (shape, RowProcedure.Call(name, shape, isMany));
        }

        var command = new NpgsqlBatchCommand(made.Call);
        var position = new NpgsqlLogSequenceNumber((ulong)rows[0] + 1);
        var transaction = new RemoteTransaction(position, policy == Policy.FirstUpdateWins ? Early : Late, 1);
        new RowRun(made.Shape).Bind(transaction, changes, null, command.Parameters, isTyped: true);
        command.Parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.PgLsn });
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await database.DisposeAsync();
    }

    private static RowChange Change(ChangeKind kind, int ordinal, int row)
    {
        var id = row.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return kind == ChangeKind.Delete
            ? new RowChange(kind, ordinal, Watched, [id, null], null)
            : new RowChange(kind, ordinal, Watched, null, [id, "after"]);
    }
}
