using System.Text;

namespace Traktor.Web.Demo;

/// <summary>The text that lists the addresses of a running demo.</summary>
internal static class DemoGuide
{
    public static string Of(DemoMesh mesh, bool hasTraffic)
    {
        var text = new StringBuilder();
        var api = mesh.Nodes[0].Host.Address.ToString().TrimEnd('/');
        void Line(string line = "") => text.Append(line).Append('\n');

        Line();
        Line($"The mesh is running. API key: {mesh.ApiKey}");
        foreach (var node in mesh.Nodes)
        {
            Line();
            Line($"  Node {node.Number}, PostgreSQL {node.Server.Major}");
            Line($"    console  {node.Host.CreateSignInLink()}");
            Line($"    API      {node.Host.Address}docs");
            Line($"    psql     psql \"{node.Conninfo}\"");
        }

        Line();
        Line("Each console link signs in once, within fifteen minutes. After that, sign in with the API key.");
        Line();
        Line("Try:");
        Line($"  curl -H 'X-API-KEY: {mesh.ApiKey}' {api}/v1/arbiter/status");
        Line($"  curl -H 'X-API-KEY: {mesh.ApiKey}' {api}/v1/arbiter/subscription");
        Line($"  curl -H 'X-API-KEY: {mesh.ApiKey}' {api}/v1/arbiter/replicaset/status");
        Line();
        Line(hasTraffic ? "All nodes are being written to. Press Ctrl-C to stop the demo." : "Press Ctrl-C to stop the demo.");
        return text.ToString();
    }
}
