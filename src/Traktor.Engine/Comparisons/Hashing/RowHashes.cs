using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>
/// The rows of this node's tables, read in this server: for this arbiter, and for those of other nodes. Each call has a
/// session of its own, because code of a table's owner may run in it; it only reads. Reading a peer through the session
/// of a subscription would need the owners' rights there, which its role need not have.
/// </summary>
public sealed class RowHashes(LocalNode local) : INodeRows
{
    /// <summary>The most keys of a call.</summary>
    public const int MostKeys = 1000;

    /// <summary>The most ranges of a call.</summary>
    public const int MostRanges = 256;

    private const int MostRows = 2_000_000;
    private const int LongestStatement = 3600;

    private const string Settings =
        "set transaction read only; set local row_security = off; set local datestyle = 'ISO, MDY'; "
        + "set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local extra_float_digits = 1; "
        + "set local bytea_output = 'hex'; set local xmloption = 'content'; set local lc_monetary = 'C'; set local jit = off; "
        + "set local max_parallel_workers_per_gather = 0; set local statement_timeout = 0";

    public int Node => local.NodeId;

    public async Task<TableShape> ShapeAsync(string relation, CancellationToken cancel)
    {
        var shape = await AskAsync(
            relation,
            (_, table) =>
                Task.FromResult(
                    new TableShape(
                        Node,
                        table.Table.ToString(),
                        table.Rows,
                        table.Bytes,
                        table.HashCheck,
                        [.. table.Columns.Select(column => new ShapeColumn(column.Name, column.Type, column.Form))],
                        [.. table.Key.Select(key => new ShapeKey(key.Name, key.Order))]
                    )
                ),
            cancel
        );
        return shape with { Resync = await ResyncAsync(TableName.Parse(relation), cancel) };
    }

    public Task<RangeBounds> BoundsAsync(string relation, KeyRange range, int every, int most, CancellationToken cancel) =>
        AskAsync(
            relation,
            async (session, table) =>
            {
                table.Check(range);
                if (every < 1 || most < 1 || (long)every * most > MostRows)
                    throw RefusedException.Malformed($"every and most must be numbers whose product is at most {MostRows}.");
                var rows = await session.ReadAsync(table.Bounds(range, every, most), HashedTable.Arguments(range), cancel);
                return new RangeBounds(Node, [.. rows.Select(row => (IReadOnlyList<string>)[.. row.Select(value => value!)])]);
            },
            cancel
        );

    public Task<RangeHashes> HashAsync(
        string relation,
        IReadOnlyList<HashedColumn> columns,
        IReadOnlyList<KeyRange> ranges,
        CancellationToken cancel
    ) =>
        AskAsync(
            relation,
            async (session, table) =>
            {
                if (ranges.Count is 0 or > MostRanges)
                    throw RefusedException.Malformed($"ranges must have 1 to {MostRanges} elements.");
                var found = table.Find(columns);
                var clock = Stopwatch.StartNew();
                var hashes = new List<RangeHash>();
                foreach (var range in ranges)
                {
                    table.Check(range);
                    var rows = await session.ReadAsync(table.Hash(found, range), HashedTable.Arguments(range), cancel);
                    if (range.Buckets is not { } buckets)
                        hashes.Add(Hash(rows[0], 0));
                    else
                    {
                        var each = rows.ToDictionary(row => int.Parse(row[0]!, CultureInfo.InvariantCulture), row => Hash(row, 1));
                        hashes.AddRange(
                            Enumerable.Range(0, buckets).Select(bucket => each.GetValueOrDefault(bucket) ?? new RangeHash(0, "0", "0"))
                        );
                    }
                }

                return new RangeHashes(Node, hashes, clock.ElapsedMilliseconds);
            },
            cancel
        );

    public Task<KeyVersions> VersionsAsync(
        string relation,
        IReadOnlyList<HashedColumn> columns,
        KeyRange range,
        CancellationToken cancel
    ) =>
        AskAsync(
            relation,
            async (session, table) =>
            {
                table.Check(range);
                var rows = await session.ReadAsync(
                    table.List(table.Find(columns), range, session.TracksCommits),
                    HashedTable.Arguments(range),
                    cancel
                );
                var isComplete = range.Chosen is not null || rows.Count <= HashedTable.MostListed;
                return new KeyVersions(Node, [.. rows.Select(row => Version(table, row, hasRows: false))], isComplete);
            },
            cancel
        );

    public Task<KeyVersions> VersionsAsync(
        string relation,
        IReadOnlyList<HashedColumn> columns,
        IReadOnlyList<IReadOnlyList<string>> keys,
        bool hasRows,
        CancellationToken cancel
    ) =>
        AskAsync(
            relation,
            async (session, table) =>
            {
                if (keys.Count > MostKeys || keys.Any(key => key.Count != table.Key.Count))
                    throw RefusedException.Malformed(
                        $"keys must be at most {MostKeys} arrays of {table.Key.Count} texts, the key of {table.Table}."
                    );
                var rows = await session.ReadAsync(
                    table.Find(table.Find(columns), hasRows, session.TracksCommits),
                    [JsonSerializer.Serialize(keys)],
                    cancel
                );
                return new KeyVersions(Node, [.. rows.Select(row => Version(table, row, hasRows))], IsComplete: true);
            },
            cancel
        );

    public Task<AppliedPositions> PositionsAsync(CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                var snapshot = await HeartbeatSnapshot.ReadAsync(connection, Node, cancel);
                var senders = await connection.QueryAsync<int>(
                    new CommandDefinition(SqlFile.Read("Comparisons/Hashing/read_senders.sql"), cancellationToken: cancel)
                );
                return AppliedPositions.Of(snapshot, [.. senders]);
            },
            cancel
        );

    private Task<IReadOnlyList<ShapeResync>> ResyncAsync(TableName table, CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
                JsonSerializer.Deserialize<IReadOnlyList<ShapeResync>>(
                    (
                        await connection.QuerySingleAsync<string>(
                            new CommandDefinition(
                                SqlFile.Read("Comparisons/Hashing/read_resync.sql"),
                                new
                                {
                                    schema = table.Schema,
                                    name = table.Name,
                                    node = Node,
                                },
                                cancellationToken: cancel
                            )
                        )
                    )!,
                    JsonSerializerOptions.Web
                )!,
            cancel
        );

    private static RangeHash Hash(string?[] row, int at) =>
        new(long.Parse(row[at]!, CultureInfo.InvariantCulture), row[at + 1]!, row[at + 2]!);

    private static KeyVersion Version(HashedTable table, string?[] row, bool hasRows)
    {
        var values = HashedTable.Fixed + table.Key.Count;
        return new KeyVersion(
            [.. row[HashedTable.Fixed..values].Select(value => value!)],
            row[0]!,
            row[1]!,
            row[2] is { } stamp
                ? DateTimeOffset.Parse(
                    stamp,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
                )
                : null,
            row[3] is { } node ? int.Parse(node, CultureInfo.InvariantCulture) : null,
            hasRows
                ? table.Columns.Zip(row[values..]).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal)
                : null
        );
    }

    private async Task<T> AskAsync<T>(string relation, Func<Session, HashedTable, Task<T>> ask, CancellationToken cancel)
    {
        var name = TableName.Parse(relation);
        await using var connection = await local.OpenAloneAsync(cancel, "compare", LongestStatement);
        try
        {
            var table = await HashedTable.ReadAsync(connection, name, Node, cancel);
            var tracks = await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition("select current_setting('track_commit_timestamp')::boolean", cancellationToken: cancel)
            );
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await connection.ExecuteAsync(new CommandDefinition(Settings, cancellationToken: cancel));
            var owners = await OwnerSession.BeginAsync(connection, new Routines(local.Database), mayRunOwnersCode: true, cancel);
            return await ask(new Session(owners, transaction, table.Owner, tracks), table);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw new RefusedException(RefusalKind.Malformed, $"A value of a key does not fit its column: {e.MessageText}.", null, e);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, $"the PostgreSQL of node {Node}");
        }
    }

    /// <summary>A transaction that reads one table, with the rights of its owner.</summary>
    private sealed class Session(OwnerSession owners, NpgsqlTransaction transaction, string? owner, bool tracksCommits)
    {
        public bool TracksCommits => tracksCommits;

        public async Task<List<string?[]>> ReadAsync(string sql, string[] arguments, CancellationToken cancel)
        {
            // One function serves all statements of an owner: each is another.
            var command = new NpgsqlBatchCommand(owner is null ? sql : "execute $1 using $2");
            if (owner is not null)
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sql, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(
                new NpgsqlParameter<string[]> { TypedValue = arguments, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
            );
            await using var batch = new NpgsqlBatch(owners.Connection, transaction);
            foreach (var part in await owners.CommandsAsync(owner, command, "texts text[]", cancel))
                batch.BatchCommands.Add(part);
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            var rows = new List<string?[]>();
            do
            {
                while (await reader.ReadAsync(cancel))
                    rows.Add(await reader.GetFieldValueAsync<string?[]>(0, cancel));
            } while (await reader.NextResultAsync(cancel));
            return rows;
        }
    }
}
