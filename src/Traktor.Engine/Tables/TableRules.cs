using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tables;

/// <summary>Which tables can be replicated, and how to fix those that cannot.</summary>
public static class TableRules
{
    private static readonly string[] SystemSchemas = ["pg_catalog", "information_schema", "pg_toast", Schema.ObjectNames.Schema];

    /// <summary>What is wrong with a table, in the order in which to fix it; empty when it can be replicated.</summary>
    public static IReadOnlyList<Finding> Findings(TableFacts facts)
    {
        var table = facts.Table.Quoted;
        if (
            SystemSchemas.Contains(facts.Schema)
            || facts.Schema.StartsWith("pg_temp_", StringComparison.Ordinal) && facts.Persistence != 't'
        )
            return [Error("schema", $"Schema {facts.Schema} belongs to PostgreSQL or to Traktor; its tables are not replicated.", null)];
        if (facts.Kind is not ('r' or 'p'))
            return [Error("kind", $"{facts.Table} is a {KindInWords(facts.Kind)}; only tables are replicated.", null)];
        if (facts.Root is { } root)
            return
            [
                Error("partition", $"{facts.Table} is a partition of {root}.", $"Add {root} instead, which includes all its partitions."),
            ];

        var findings = new List<Finding>();
        if (facts.Persistence == 't')
            findings.Add(Error("persistence", $"{facts.Table} is a temporary table; it is never written to the WAL.", null));
        // Publishing a table needs its owner's rights, and so does applying a peer's rows to it.
        if (facts.Stranger is { } stranger)
            findings.Add(
                Error(
                    "owner",
                    $"{facts.Table} belongs to role {stranger.Owner}, of which role {stranger.Role} is not a member.",
                    stranger.IsSuperuser
                        ? $"ALTER TABLE {table} OWNER TO {Quote.Identifier(stranger.Role)};"
                        : $"GRANT {Quote.Identifier(stranger.Owner)} TO {Quote.Identifier(stranger.Role)};"
                )
            );
        if (facts.OtherPart is { } part)
            findings.Add(Error("partition_owner", part.Problem(facts.Table), part.Hint));
        if (facts.Persistence == 'u')
            findings.Add(
                Error("persistence", $"{facts.Table} is unlogged; it is not written to the WAL.", $"ALTER TABLE {table} SET LOGGED;")
            );
        if (facts is { Kind: 'p', Foreign: true })
            findings.Add(
                Error(
                    "partitions",
                    $"{facts.Table} has a partition that is foreign or unlogged; its rows are not written to the WAL.",
                    $"Detach that partition, or make it a permanent table of this server."
                )
            );
        if (facts.Key.Count == 0)
            findings.Add(Error("replica_identity", WhyNoKey(facts), HintKey(facts, table)));
        foreach (var constraint in facts.Unchecked.Where(one => facts.Key.Count > 0 || one.Name != facts.Deferrable?.Name))
            findings.Add(
                Error(
                    "deferrable",
                    $"Constraint {constraint.Name} of {constraint.Table} is deferrable. The server does not check such a constraint for "
                        + "replicated rows: nodes that write at the same time would have rows that it does not allow together.",
                    $"ALTER TABLE {constraint.Table.Quoted} DROP CONSTRAINT {Quote.Identifier(constraint.Name)}, ADD CONSTRAINT "
                        + $"{Quote.Identifier(constraint.Name)} {constraint.Definition};"
                )
            );
        return findings;
    }

    /// <summary>What keeps nobody from replicating a table, and has consequences.</summary>
    public static IEnumerable<Finding> Warnings(TableFacts facts) =>
        facts.Feeds.Select(feed => new Finding(
            "other_subscription",
            Severity.Warning,
            $"Subscription {feed} brings rows into {facts.Table}. They are not this node's own, so the other nodes do not get them; "
                + "what is updated of them here afterwards finds no row there.",
            $"Have it bring them into a table that is not replicated, and move them on: docs/operations.md, \"Rows from a server outside "
                + "of the mesh\"."
        ));

    private static string WhyNoKey(TableFacts facts) =>
        facts switch
        {
            { Deferrable: not null } => $"The primary key of {facts.Table} is deferrable; replication cannot use it as replica identity.",
            { Identity: 'f' } =>
                $"The replica identity of {facts.Table} is the whole row, and it has no primary key; conflicts could not be detected.",
            { Identity: 'n' } => $"The replica identity of {facts.Table} is NOTHING; updates and deletes could not be sent.",
            { Identity: 'i' } => $"The index that was the replica identity of {facts.Table} no longer exists.",
            _ => $"{facts.Table} has no primary key; updates and deletes could not be sent.",
        };

    private static string HintKey(TableFacts facts, string table) =>
        facts switch
        {
            { Primary: true, Deferrable: null } => $"ALTER TABLE {table} REPLICA IDENTITY DEFAULT;",
            { Candidate: { } index } => $"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {Quote.Identifier(index)};",
            { Deferrable: { } key } =>
                $"ALTER TABLE {table} DROP CONSTRAINT {Quote.Identifier(key.Name)}, ADD CONSTRAINT {Quote.Identifier(key.Name)} "
                    + $"PRIMARY KEY ({string.Join(", ", key.Columns.Select(Quote.Identifier))});",
            _ => $"ALTER TABLE {table} ADD PRIMARY KEY "
                + $"({(facts.Columns.Count > 0 ? Quote.Identifier(facts.Columns[0].Name) : "…")}); -- or whichever columns "
                + $"identify a row",
        };

    private static string KindInWords(char kind) =>
        kind switch
        {
            'v' => "view",
            'm' => "materialised view",
            'f' => "foreign table",
            'S' => "sequence",
            _ => "relation of another kind",
        };

    private static Finding Error(string check, string found, string? hint) => new(check, Severity.Error, found, hint);
}
