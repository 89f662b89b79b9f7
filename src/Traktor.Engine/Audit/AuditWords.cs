using System.Globalization;

namespace Traktor.Engine.Audit;

/// <summary>Words of the audit log, as the database, the REST API and the documentation write them.</summary>
public static class AuditWords
{
    /// <summary>The action that the deletion of old entries is logged as; its target is <c>1..N</c>.</summary>
    public const string Purge = "purge_audit";

    /// <summary>Somebody signed in to the console, or was refused.</summary>
    public const string SignIn = "sign_in";

    /// <summary>Somebody signed out of the console.</summary>
    public const string SignOut = "sign_out";

    /// <summary>A call of the REST API that was refused before it reached an action; its target is the call.</summary>
    public const string Call = "call";

    private const string FromFirst = "1..";

    /// <summary>The target of a purge that deleted the entries up to a number.</summary>
    public static string UpTo(long number) => string.Create(CultureInfo.InvariantCulture, $"{FromFirst}{number}");

    /// <summary>Reads the target of a purge; null when it is none.</summary>
    public static long? ReadUpTo(string? target) =>
        target?.StartsWith(FromFirst, StringComparison.Ordinal) == true
        && long.TryParse(target[FromFirst.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary><c>requested</c>, <c>done</c>, <c>refused</c>, <c>failed</c> or <c>denied</c>.</summary>
    public static string Of(AuditOutcome outcome) =>
        outcome switch
        {
            AuditOutcome.Requested => "requested",
            AuditOutcome.Done => "done",
            AuditOutcome.Refused => "refused",
            AuditOutcome.Failed => "failed",
            _ => "denied",
        };

    /// <summary>Reads an outcome; null when it is none.</summary>
    public static AuditOutcome? OutcomeOf(string text)
    {
        foreach (var outcome in Enum.GetValues<AuditOutcome>())
            if (Of(outcome) == text)
                return outcome;
        return null;
    }
}
