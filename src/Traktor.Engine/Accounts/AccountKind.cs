namespace Traktor.Engine.Accounts;

/// <summary>What an account is for.</summary>
public enum AccountKind
{
    /// <summary>A person, who signs in with a password.</summary>
    User,

    /// <summary>A machine, which sends a key.</summary>
    Key,
}
