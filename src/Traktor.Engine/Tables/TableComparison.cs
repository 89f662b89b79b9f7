namespace Traktor.Engine.Tables;

/// <summary>Whether a subscriber's table can receive the rows of a publisher's table.</summary>
public static class TableComparison
{
    /// <summary>
    /// Why rows of <paramref name="publisher"/> cannot be applied to <paramref name="subscriber"/>, in a sentence about
    /// the subscriber's table; null when they can. The order of columns does not matter, nor do columns that only the
    /// subscriber has and that have defaults
    /// (<see href="https://www.postgresql.org/docs/current/logical-replication-subscription.html"/>).
    /// </summary>
    public static string? WhyNot(TableFacts publisher, TableFacts? subscriber)
    {
        if (subscriber is null)
            return $"Table {publisher.Table} does not exist on the subscriber: create it.";
        if (TableRules.Findings(subscriber) is [var finding, ..])
            return finding.Hint is null ? finding.Found : $"{finding.Found} {finding.Hint}";

        var local = subscriber.Columns.ToDictionary(column => column.Name);
        var sent = publisher.Columns.Where(column => !column.Generated).ToList();
        var missing = sent.Where(column => !local.ContainsKey(column.Name)).ToList();
        if (missing.Count > 0)
            return $"Columns differ: {publisher.Table} has no {List(missing.Select(c => $"{c.Name} {c.FullType}"))} on the subscriber.";
        foreach (var column in sent)
        {
            var there = local[column.Name];
            if (there.Generated)
                return $"Columns differ: {column.Name} of {publisher.Table} is generated on the subscriber and a plain column on the "
                    + $"publisher.";
            if (there.Type != column.Type)
                return $"Columns differ: {column.Name} of {publisher.Table} is {there.FullType} on the subscriber and {column.FullType} "
                    + $"on the publisher.";
        }

        var names = sent.Select(column => column.Name).ToHashSet();
        var unfilled = subscriber.Columns.Where(column => column.Required && !column.Generated && !names.Contains(column.Name)).ToList();
        if (unfilled.Count > 0)
            return $"Columns differ: {List(unfilled.Select(c => c.Name))} of {publisher.Table} is NOT NULL without a default on "
                + $"the subscriber and does not exist on the publisher.";
        if (!publisher.Key.SequenceEqual(subscriber.Key))
            return $"Keys differ: rows of {publisher.Table} are identified by ({string.Join(", ", subscriber.Key)}) on the "
                + $"subscriber and by ({string.Join(", ", publisher.Key)}) on the publisher.";
        return null;
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names);
}
