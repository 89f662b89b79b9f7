using Traktor.Engine.Access;

namespace Traktor.Web.Configuration;

/// <summary>Reads the settings whose names begin with OIDC.</summary>
internal sealed class OpenIdReader(ConfigurationValues values, List<string> errors)
{
    private const string Example = "https://login.example.net/realms/shop";

    private static readonly (string Key, Role Role)[] Groups =
    [
        ("OIDCViewerGroups", Role.Viewer),
        ("OIDCOperatorGroups", Role.Operator),
        ("OIDCAdminGroups", Role.Admin),
    ];

    /// <summary>The keys.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    ["OIDCAuthority", "OIDCClientID", "OIDCClientSecret", "OIDCGroupsClaim", .. Groups.Select(group => group.Key)];

    /// <summary>The settings; null when users do not sign in through a provider, or when a setting is wrong.</summary>
    public OpenIdSettings? Read()
    {
        if (!Keys.Any(key => values.Get(key) is not null))
            return null;
        var authority = values.Required("OIDCAuthority", Example, "the issuer URL of the OpenID provider", Authority);
        var client = values.Required<string>("OIDCClientID", "traktor", "the client by which the provider knows this mesh", Text);
        var secret = values.Required<string>("OIDCClientSecret", "…", "the secret of that client", Text);
        var claim = values.Optional<string>("OIDCGroupsClaim", "groups", Text);
        var roles = new Dictionary<string, Role>(StringComparer.Ordinal);
        // Of a group that has several roles the greatest counts.
        foreach (var (key, role) in Groups)
        foreach (var group in values.Get(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
            roles[group] = role;
        if (roles.Count == 0)
            errors.Add(
                "OIDCAdminGroups: without this, OIDCOperatorGroups or OIDCViewerGroups nobody could sign in. "
                    + "For instance: OIDCAdminGroups = dba"
            );
        return authority is null || client is null || secret is null ? null : new OpenIdSettings(authority, client, secret, claim!, roles);
    }

    private static string Text(string text) => text;

    // What comes from the provider decides who is an admin: it must not be changed on its way.
    private Uri? Authority(string text) =>
        values.Url("OIDCAuthority", text) is not { } url ? null
        : url.Scheme == Uri.UriSchemeHttps || url.IsLoopback ? url
        : values.Wrong<Uri>("OIDCAuthority", "must be an https:// URL", Example);
}
