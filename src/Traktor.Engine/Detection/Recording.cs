namespace Traktor.Engine.Detection;

/// <summary>What the healer records of the rows that a statement overwrites; the detector knows it by a setting.</summary>
internal static class Recording
{
    /// <summary>The setting; its value is one of the following.</summary>
    public const string Setting = "trktr.healing";

    /// <summary>Those that another node wrote later.</summary>
    public const string Later = "later";

    /// <summary>All of them.</summary>
    public const string All = "all";

    /// <summary>All of them; and it was decided by a policy that goes before time, the same everywhere, so that it is no contest.</summary>
    public const string Final = "final";

    /// <summary>The letter of an entry in <c>trktr.overwrite_log</c>, as the column's default makes it of the setting.</summary>
    public static char LetterOf(string healing) => healing == Later ? 'l' : 'a';
}
