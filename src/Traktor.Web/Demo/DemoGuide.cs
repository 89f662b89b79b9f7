using System.Text;

namespace Traktor.Web.Demo;

/// <summary>The text that tells where everything of a running demo is.</summary>
internal static class DemoGuide
{
    public static string Of(DemoMesh mesh, bool hasTraffic)
    {
        var text = new StringBuilder();
        var api = mesh.Nodes[0].Host.Address.ToString().TrimEnd('/');
        void Line(string line = "") => text.Append(line).Append('\n');

        Line();
        Line($"The mesh is up. API key: {mesh.ApiKey}");
        foreach (var node in mesh.Nodes)
        {
            Line();
            Line($"  Node {node.Number}, PostgreSQL {node.Server.Major}");
            Line($"    console  {node.Host.CreateSignInLink()}");
            Line($"    API      {node.Host.Address}docs");
            Line($"    psql     psql \"{node.Conninfo}\"");
        }

        Line();
        Line("A console's link signs in once, within fifteen minutes; after that the console asks for the key.");
        Line();
        Line("Try:");
        Line($"  curl -H 'X-API-KEY: {mesh.ApiKey}' {api}/v1/arbiter/status");
        Line($"  curl -H 'X-API-KEY: {mesh.ApiKey}' {api}/v1/arbiter/subscription");
        Line($"  curl -H 'X-API-KEY: {mesh.ApiKey}' {api}/v1/arbiter/replicaset/status");
        Line();
        Line(hasTraffic ? "All nodes are being written to. Ctrl-C takes everything down." : "Ctrl-C takes everything down.");
        return text.ToString();
    }
}
