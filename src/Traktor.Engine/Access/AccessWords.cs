namespace Traktor.Engine.Access;

/// <summary>Roles and kinds as the database, the REST API and the documentation write them.</summary>
public static class AccessWords
{
    /// <summary><c>viewer</c>, <c>operator</c> or <c>admin</c>.</summary>
    public static string Of(Role role) =>
        role switch
        {
            Role.Viewer => "viewer",
            Role.Operator => "operator",
            _ => "admin",
        };

    /// <summary><c>user</c>, <c>api_key</c> and so on.</summary>
    public static string Of(ActorKind kind) =>
        kind switch
        {
            ActorKind.User => "user",
            ActorKind.OpenIdUser => "openid_user",
            ActorKind.ApiKey => "api_key",
            ActorKind.ConfiguredKey => "configured_key",
            ActorKind.OneTimeLink => "one_time_link",
            ActorKind.Arbiter => "arbiter",
            _ => "command_line",
        };

    /// <summary><c>rest</c>, <c>console</c>, <c>command_line</c> or <c>arbiter</c>.</summary>
    public static string Of(Channel channel) =>
        channel switch
        {
            Channel.Rest => "rest",
            Channel.Console => "console",
            Channel.CommandLine => "command_line",
            _ => "arbiter",
        };

    /// <summary>Reads a role; null when it is none.</summary>
    public static Role? RoleOf(string text) => Find(Enum.GetValues<Role>(), Of, text);

    /// <summary>Reads a kind; null when it is none.</summary>
    public static ActorKind? KindOf(string text) => Find(Enum.GetValues<ActorKind>(), Of, text);

    private static T? Find<T>(T[] all, Func<T, string> word, string text)
        where T : struct
    {
        foreach (var one in all)
            if (word(one) == text)
                return one;
        return null;
    }
}
