namespace Traktor.Engine.Postgres;

/// <summary>Finds what somebody probably meant by a misspelled keyword.</summary>
public static class NearestWord
{
    /// <summary>
    /// The known word with the fewest single-letter edits from <paramref name="word"/>, upper and lower case being equal; null when none is
    /// close enough to be worth suggesting (more than a third of its letters would have to change).
    /// </summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            // Nothing longer can be within reach, and the work stays small whatever is sent to us.
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
