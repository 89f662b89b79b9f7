using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Traktor.Engine.Conflicts;

/// <summary>
/// The snake_case words by which this room's enumerations are stored in <c>trktr</c> and returned by the API.
/// </summary>
public static class ConflictWords
{
    /// <summary>The word of a value: <c>insert_exists</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Spelling<T>.Words[value];

    /// <summary>The value of a word. Case matters, as in the database.</summary>
    public static bool TryParse<T>(string? word, out T value)
        where T : struct, Enum => Spelling<T>.Values.TryGetValue(word ?? "", out value);

    /// <summary>The value of a word read from the database.</summary>
    /// <exception cref="InvalidOperationException">The word is unknown: another program wrote it.</exception>
    public static T Parse<T>(string word)
        where T : struct, Enum =>
        TryParse<T>(word, out var value) ? value : throw new InvalidOperationException($"'{word}' is not a {typeof(T).Name}.");

    /// <summary>The value of a word that a user wrote.</summary>
    /// <param name="word">The user's word.</param>
    /// <param name="name">The name of the parameter or field.</param>
    /// <exception cref="RefusedException">Malformed, with the list of valid words.</exception>
    public static T Read<T>([NotNull] string? word, string name)
        where T : struct, Enum =>
        word is not null && TryParse<T>(word, out var value)
            ? value
            : throw RefusedException.Malformed(
                word is null ? $"{name} is missing." : $"{name} is '{(word.Length > 80 ? word[..80] + "…" : word)}', which is not valid.",
                $"{name} must be one of {string.Join(", ", Spelling<T>.Values.Keys)}."
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
