using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Traktor.Engine.Conflicts;

/// <summary>The snake_case words under which this room's enumerations are stored in <c>trktr</c> and answered by the API.</summary>
public static class ConflictWords
{
    /// <summary>The word of a value: <c>insert_exists</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Spelling<T>.Words[value];

    /// <summary>The value of a word; case matters, as it does in the database.</summary>
    public static bool TryParse<T>(string? word, out T value)
        where T : struct, Enum => Spelling<T>.Values.TryGetValue(word ?? "", out value);

    /// <summary>The value of a word that was read from the database.</summary>
    /// <exception cref="InvalidOperationException">It is none: somebody else wrote it.</exception>
    public static T Parse<T>(string word)
        where T : struct, Enum =>
        TryParse<T>(word, out var value) ? value : throw new InvalidOperationException($"'{word}' is no {typeof(T).Name}.");

    /// <summary>The value of a word that a user wrote.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="name">What the user calls it: the parameter's or field's name.</param>
    /// <exception cref="RefusedException">Malformed, naming the words that there are.</exception>
    public static T Read<T>([NotNull] string? word, string name)
        where T : struct, Enum =>
        word is not null && TryParse<T>(word, out var value)
            ? value
            : throw RefusedException.Malformed(
                word is null ? $"{name} is missing." : $"{name} is '{(word.Length > 80 ? word[..80] + "…" : word)}', which does not exist.",
                $"{name} is one of {string.Join(", ", Spelling<T>.Values.Keys)}."
            );

    private static class Spelling<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Words = Enum.GetValues<T>()
            .ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly Dictionary<string, T> Values = Words.ToDictionary(
            pair => pair.Value,
            pair => pair.Key,
            StringComparer.Ordinal
        );
    }
}
