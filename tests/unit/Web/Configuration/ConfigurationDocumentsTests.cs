using System.Collections;
using Traktor.UnitTests.ArchitectureRules;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

/// <summary>The sample and the page say what the reader knows.</summary>
public sealed class ConfigurationDocumentsTests : IDisposable
{
    private readonly ConfigurationFile file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public void Read_ShippedSample_NeedsOnlyTheApiKey()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "arbiter.ini"));

        Assert.StartsWith("APIKey: is missing", Assert.Single(file.Errors(sample)), StringComparison.Ordinal);
        var configuration = file.Read(sample, new Hashtable { ["TRAKTOR_APIKEY"] = "long enough" });
        Assert.Equal("traktor_tutorial", configuration.ConnectionString.Database);
        Assert.Empty(configuration.Warnings);
        Assert.All(ConfigurationReader.Keys, key => Assert.Matches($"(?m)^#? ?{key} =", sample));
    }

    [Fact]
    public void Documentation_NamesEveryKeyAndKeyword()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));

        Assert.All(ConfigurationReader.Keys, key => Assert.Contains($"`{key}`", page, StringComparison.Ordinal));
        Assert.All(
            Traktor.Engine.ConnectionStrings.ConninfoKeywords.All,
            keyword => Assert.Contains($"`{keyword.Name}`", page, StringComparison.Ordinal)
        );
    }
}
