using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Mesh;

/// <summary>A connection string to try.</summary>
/// <param name="ConnectionString">A libpq connection string, keyword/value or URI form.</param>
internal sealed record ProbeRequest([property: TextLength(ProbeRequest.Longest)] string ConnectionString) : IRequest
{
    private const int Longest = 8192;

    public static string Wanted => "Send {\"connection_string\": \"<libpq connection string>\"}.";
}
