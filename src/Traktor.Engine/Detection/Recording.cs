namespace Traktor.Engine.Detection;

/// <summary>
/// What the healer records of the rows that a statement overwrites: values of the setting
/// <see cref="Schema.SessionSettings.HealerRecords"/>, which the triggers read.
/// </summary>
internal static class Recording
{
    /// <summary>Rows that another node wrote later.</summary>
    public const string Later = "later";

    /// <summary>All rows.</summary>
    public const string All = "all";

    /// <summary>
    /// All rows; and the policy does not go by time, so every node decides the same and the key is not contested.
    /// </summary>
    public const string Final = "final";

    /// <summary>
    /// The letter in <c>trktr.overwrite_log</c>, as the column's default derives it from the setting.
    /// </summary>
    public static char LetterOf(string healing) => healing == Later ? 'l' : 'a';
}
