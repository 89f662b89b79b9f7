using System.ComponentModel.DataAnnotations;
using Traktor.Engine.Access;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Access;

/// <summary>A user's role and password; a new user needs both.</summary>
/// <param name="Role">viewer, operator or admin; null leaves it as it is.</param>
/// <param name="Password">12 to 256 characters; null leaves it as it is.</param>
internal sealed record UserRequest(Role? Role = null, string? Password = null) : IRequest, IValidatableObject
{
    public static string Wanted => "Send {\"role\": \"operator\", \"password\": \"…\"}; for an existing user one of both is enough.";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Role is null && Password is null)
            yield return new ValidationResult("one of the fields 'role' and 'password' is required");
    }

    /// <summary>The role only: the generated text would show the password.</summary>
    public override string ToString() => $"{Role}";
}
