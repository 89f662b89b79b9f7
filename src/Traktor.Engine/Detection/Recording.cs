namespace Traktor.Engine.Detection;

/// <summary>
/// What the healer records of the rows that a statement overwrites: the values of the setting
/// <see cref="Schema.SessionSettings.HealerRecords"/>, by which the detector knows it.
/// </summary>
internal static class Recording
{
    /// <summary>Those that another node wrote later.</summary>
    public const string Later = "later";

    /// <summary>All of them.</summary>
    public const string All = "all";

    /// <summary>All of them; and it was decided by a policy that goes before time, the same everywhere, so that it is no contest.</summary>
    public const string Final = "final";

    /// <summary>The letter of an entry in <c>trktr.overwrite_log</c>, as the column's default makes it of the setting.</summary>
    public static char LetterOf(string healing) => healing == Later ? 'l' : 'a';
}
