namespace Traktor.Engine.Postgres;

/// <summary>Suggests a keyword for a misspelled one.</summary>
public static class NearestWord
{
    /// <summary>
    /// The known word with the fewest single-letter edits from <paramref name="word"/>, ignoring case; null when none
    /// is close enough (more than a third of its letters would have to change).
    /// </summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            // A longer word cannot be close enough, and this keeps the work small for any input.
            var reach = Math.Max(1, candidate.Length / 3);
            if (Math.Abs(candidate.Length - word.Length) > reach)
                continue;
            var edits = Edits(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (edits <= reach && edits < least)
                (best, least) = (candidate, edits);
        }

        return best;
    }

    private static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
