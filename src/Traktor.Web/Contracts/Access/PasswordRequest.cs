using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Access;

/// <summary>A user's old and new password.</summary>
/// <param name="OldPassword">The password until now.</param>
/// <param name="Password">The new one: 12 to 256 characters.</param>
internal sealed record PasswordRequest(string OldPassword, string Password) : IRequest
{
    public static string Wanted => "Send {\"old_password\": \"…\", \"password\": \"…\"}.";

    /// <summary>Nothing of it: the generated text would show the passwords.</summary>
    public override string ToString() => nameof(PasswordRequest);
}
