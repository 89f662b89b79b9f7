using System.Text.Json;
using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts;

/// <summary>Reads <c>trktr.history</c>.</summary>
public sealed class History(LocalNode local)
{
    /// <summary>The most entries that one page may hold.</summary>
    public const int LargestPage = 1000;

    /// <summary>A page, newest first.</summary>
    /// <param name="limit">Entries a page, 1 to <see cref="LargestPage"/>.</param>
    /// <param name="before">Only entries older than this id; null for the first page.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<HistoryPage> ReadAsync(int limit, long? before, CancellationToken cancel)
    {
        if (limit is < 1 or > LargestPage)
            throw RefusedException.Malformed($"limit is {limit}; it is a number from 1 to {LargestPage}.");
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            var rows = (await connection.QueryAsync<Row>(new CommandDefinition(SqlFile.Read("Conflicts/read_history.sql"), new { limit, before }, cancellationToken: cancel))).AsList();
            return new HistoryPage(local.NodeId, [.. rows.Select(row => row.ToEntry())], rows.Count == limit ? rows[^1].Id : null);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    private sealed record Row(
        long Id, DateTime Occurred, string Lsn, int Ordinal, string Subscription, int Peer, string Relation, string ConflictType,
        string? Key, string? Value, string? LocalRow, string? RemoteRow, string? SqlStateCode, string? Reason, string? Resolution, DateTime? Resolved, string? ResolvedBy)
    {
        public HistoryEntry ToEntry() => new(
            Id, new DateTimeOffset(Occurred), Lsn, Ordinal, Subscription, Peer, Relation, ConflictType,
            Json(Key), Json(Value), Json(LocalRow), Json(RemoteRow), SqlStateCode, Reason, Resolution,
            Resolved is { } at ? new DateTimeOffset(at) : null, ResolvedBy);

        private static JsonElement? Json(string? text) => text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
