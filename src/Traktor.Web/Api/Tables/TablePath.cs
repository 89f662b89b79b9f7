using System.Reflection;
using System.Text.RegularExpressions;
using Traktor.Engine;
using Traktor.Engine.Postgres;

namespace Traktor.Web.Api.Tables;

/// <summary>
/// The table in a path, percent-decoded exactly once. The server does not decode an encoded slash, so the name is read
/// from the request line: quoted names may contain dots, slashes, blanks and percent signs.
/// </summary>
/// <param name="Name">The name as the caller wrote it.</param>
public sealed partial record TablePath(string Name) : IBindableFromHttpContext<TablePath>
{
    public static ValueTask<TablePath?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";
        var name = Read(target);
        // Before the body is read and the server is asked: what cannot be a name is refused without waiting for either.
        TableName.Parse(name);
        return ValueTask.FromResult<TablePath?>(new TablePath(name));
    }

    /// <summary>Reads the table's name from a request target.</summary>
    public static string Read(string target)
    {
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        var name = Before().Match(path) is { Success: true } before ? Uri.UnescapeDataString(path[(before.Index + before.Length)..]) : "";
        return name.Length > 0
            ? name
            : throw RefusedException.Malformed("The path names no table.", "Write schema.table after /replicaset/, /policy/ or /row/.");
    }

    [GeneratedRegex("/(?:replicaset|policy|row|row-hashes|announcements|row-bounds|row-versions)/", RegexOptions.IgnoreCase)]
    private static partial Regex Before();
}
