using System.Collections;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

/// <summary>An arbiter.ini in a folder of its own.</summary>
internal sealed class ConfigurationFile : IDisposable
{
    /// <summary>Node 0 of the tutorial.</summary>
    public const string Node0 = """
        [DEFAULT]
        NodeID = 0
        ConnectionString = host=127.0.0.1 port=5433 user=traktor_arbiter password=traktor dbname=traktor_tutorial
        APIAddress = 127.0.0.1:8080
        CheckInterval = 10
        APIKey =  LetMeIn
        AutoHeal = True
        Pre16Compatibility = False
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("traktor-configuration-");

    public string Folder => folder.FullName;

    /// <summary>The given lines, and what is required and not among them.</summary>
    public static string Minimal(params string[] lines)
    {
        string[] required = ["NodeID = 1", "ConnectionString = host=h user=anna password='it\\'s # secret'", "APIKey = long enough"];
        var kept = required.Where(line =>
            !lines.Any(other =>
                other.Split('=')[0].Trim().Equals(line.Split('=')[0].Trim(), StringComparison.OrdinalIgnoreCase)
                && other.Contains('=', StringComparison.Ordinal)
            )
        );
        return string.Join('\n', ["[DEFAULT]", .. lines, .. kept]);
    }

    public ArbiterConfiguration Read(string text, Hashtable? environment = null)
    {
        var path = Path.Combine(folder.FullName, "arbiter.ini");
        File.WriteAllText(path, text);
        return ConfigurationReader.Read(path, environment ?? []);
    }

    public IReadOnlyList<string> Errors(string text, Hashtable? environment = null) =>
        Assert.Throws<ConfigurationException>(() => Read(text, environment)).Errors;

    public void Dispose() => folder.Delete(recursive: true);
}
