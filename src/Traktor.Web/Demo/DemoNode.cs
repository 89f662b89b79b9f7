using Traktor.Engine.ConnectionStrings;
using Traktor.Sandbox;
using Traktor.Web.Hosting;

namespace Traktor.Web.Demo;

/// <summary>A server and its arbiter.</summary>
/// <param name="Number">NodeID.</param>
/// <param name="Server">The server.</param>
/// <param name="Host">The arbiter.</param>
/// <param name="ArbitersConninfo">How the arbiters reach the database.</param>
internal sealed record DemoNode(int Number, IPostgresServer Server, ArbiterHost Host, string ArbitersConninfo)
{
    /// <summary>The database on each server.</summary>
    public const string Database = "traktor_demo";

    /// <summary>How a person reaches the database, as a superuser.</summary>
    public string Conninfo => Server.Conninfo(Database);

    /// <summary>How Npgsql reaches the database.</summary>
    public string NpgsqlString => Engine.ConnectionStrings.Conninfo.Parse(Conninfo).ToNpgsql().ConnectionString;
}
