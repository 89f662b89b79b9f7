using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Publications;

/// <summary>
/// The tables that a publisher publishes for one subscriber, and those that the subscriber has subscribed.
/// </summary>
public static class PublishedTables
{
    /// <summary>
    /// The tables in the publications for <paramref name="subscriber"/>, including Traktor's own, and those that are
    /// being opened, although nothing of them is sent yet.
    /// </summary>
    public static async Task<IReadOnlyList<TableName>> ReadAsync(NpgsqlConnection publisher, int subscriber, CancellationToken cancel)
    {
        var rows = await publisher.QueryAsync<TableName>(
            new CommandDefinition(SqlFile.Read("Publications/read_published.sql"), new { subscriber }, cancellationToken: cancel)
        );
        return rows.AsList();
    }

    /// <summary>The tables of a subscription.</summary>
    public static async Task<IReadOnlySet<TableName>> SubscribedAsync(
        NpgsqlConnection subscriber,
        string subscription,
        CancellationToken cancel
    )
    {
        const string Query =
            "select n.nspname as schema, c.relname as name from pg_subscription_rel r join pg_subscription s on s.oid = r.srsubid "
            + "join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace "
            + "where s.subname = @subscription and s.subdbid = (select oid from pg_database where datname = current_database())";
        var rows = await subscriber.QueryAsync<TableName>(new CommandDefinition(Query, new { subscription }, cancellationToken: cancel));
        return rows.ToHashSet();
    }
}
