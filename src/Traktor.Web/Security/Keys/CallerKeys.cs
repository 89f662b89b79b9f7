using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;

namespace Traktor.Web.Security.Keys;

/// <summary>
/// Whose a key is: one of <c>arbiter.ini</c>, or one that an admin has made for the mesh.
/// </summary>
public sealed class CallerKeys(ApiKey configured, AccountDirectory accounts, TimeProvider time)
{
    /// <summary>Whose key a request has sent in these values.</summary>
    /// <param name="sent">The values of the header or field.</param>
    /// <param name="address">The caller's IP address.</param>
    public CallerKey Find(StringValues sent, string? address)
    {
        switch (configured.Check(sent))
        {
            case ApiKeyAnswer.Missing:
                return CallerKey.Missing;
            case ApiKeyAnswer.Right:
                return new CallerKey(Actor.OfConfiguredKey(isReadOnly: false, address));
            case ApiKeyAnswer.ReadOnly:
                return new CallerKey(Actor.OfConfiguredKey(isReadOnly: true, address));
        }

        var now = time.GetUtcNow();
        if (sent.Count > 1 || sent[0]!.Length > ApiKey.Longest || accounts.FindKey(HashOf(sent[0]!)) is not { } key || !key.IsValidAt(now))
            return CallerKey.Wrong;
        accounts.NoteUse(key, now);
        return new CallerKey(new Actor(ActorKind.ApiKey, key.Name, key.Role, address), key);
    }

    /// <summary>
    /// The hash under which a key is kept. Keys are random and long: no salt, no slow hash is needed.
    /// </summary>
    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>A new key.</summary>
    public static string Create() => "traktor_" + RandomNumberGenerator.GetHexString(48, lowercase: true);
}
