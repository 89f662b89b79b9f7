using Traktor.Engine.ConnectionStrings;
using Traktor.Sandbox;
using Traktor.Web.Hosting;

namespace Traktor.Web.Demo;

/// <summary>A server and its arbiter.</summary>
internal sealed record DemoNode(int Number, IPostgresServer Server, ArbiterHost Host)
{
    /// <summary>The database on each server.</summary>
    public const string Database = "traktor_demo";

    public string Conninfo => Server.Conninfo(Database);

    /// <summary>How Npgsql reaches the database.</summary>
    public string NpgsqlString => Engine.ConnectionStrings.Conninfo.Parse(Conninfo).ToNpgsql().ConnectionString;
}
