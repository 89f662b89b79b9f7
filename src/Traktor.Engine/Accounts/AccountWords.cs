namespace Traktor.Engine.Accounts;

/// <summary>Words and rules of accounts.</summary>
public static class AccountWords
{
    /// <summary>The longest name, in characters.</summary>
    public const int LongestName = 100;

    /// <summary><c>user</c> or <c>key</c>, as the database has it.</summary>
    public static string Of(AccountKind kind) => kind == AccountKind.User ? "user" : "key";

    /// <summary>The kind for a sentence.</summary>
    public static string InWords(AccountKind kind) => kind == AccountKind.User ? "user" : "API key";

    /// <summary>Checks the name of a new account.</summary>
    /// <exception cref="RefusedException">Malformed.</exception>
    public static void DemandName(string name)
    {
        if (name.Length is 0 or > LongestName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '+'))
            throw RefusedException.Malformed(
                $"A name must have 1 to {LongestName} characters: ASCII letters, digits and the characters . _ - @ +."
            );
    }
}
