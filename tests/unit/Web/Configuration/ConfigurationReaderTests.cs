using System.Collections;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class ConfigurationReaderTests : IDisposable
{
    private readonly ConfigurationFile file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public void Read_TutorialsNode0_HasItsValues()
    {
        var configuration = file.Read(ConfigurationFile.Node0);

        Assert.Equal(0, configuration.NodeID);
        Assert.Equal(
            ("127.0.0.1", 5433, "traktor"),
            (configuration.ConnectionString.Host, configuration.ConnectionString.Port, configuration.ConnectionString.Password)
        );
        Assert.Equal(new ListenAddress("127.0.0.1", 8080), configuration.APIAddress);
        Assert.Equal(TimeSpan.FromSeconds(10), configuration.CheckInterval);
        Assert.Equal("LetMeIn", configuration.APIKey);
        Assert.True(configuration.AutoHeal);
        Assert.False(configuration.Pre16Compatibility);
        Assert.Null(configuration.SSLCertfile);
        Assert.Equal(new Uri("http://127.0.0.1:8080"), configuration.PublicURL);
        Assert.StartsWith("APIKey: is shorter", Assert.Single(configuration.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OnlyWhatIsRequired_HasDefaults()
    {
        var configuration = file.Read(ConfigurationFile.Minimal());

        Assert.Equal(
            (new ListenAddress("127.0.0.1", 8080), TimeSpan.FromSeconds(10), true, false),
            (configuration.APIAddress, configuration.CheckInterval, configuration.AutoHeal, configuration.Pre16Compatibility)
        );
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void ToSettings_Everything_ReachesTheEngine()
    {
        var settings = file.Read(
                ConfigurationFile.Minimal(
                    "NodeID = 7",
                    "CheckInterval = 0.5",
                    "AutoHeal = no",
                    "Pre16Compatibility = yes",
                    "PublicURL = https://node7.example.net/traktor"
                )
            )
            .ToSettings();

        Assert.Equal(
            (7, TimeSpan.FromSeconds(0.5), false, true),
            (settings.NodeId, settings.CheckInterval, settings.AutoHeal, settings.Pre16Compatibility)
        );
        Assert.Equal("host=h password='it\\'s # secret' user=anna", settings.ConnectionString);
        Assert.Equal(new Uri("https://node7.example.net/traktor"), settings.ArbiterUrl);
    }

    [Fact]
    public void Read_BomAndCrLf_AreFine() =>
        Assert.Equal("LetMeIn", file.Read("\ufeff" + ConfigurationFile.Node0.ReplaceLineEndings("\r\n")).APIKey);

    [Fact]
    public void Read_KeysAndSectionInOtherCase_AreTheSame() =>
        Assert.Equal(
            3,
            file.Read(ConfigurationFile.Minimal("nodeid = 3").Replace("[DEFAULT]", "[Default]", StringComparison.Ordinal)).NodeID
        );

    [Fact]
    public void Read_Comments_AreLeftOut()
    {
        var configuration = file.Read(
            "# sample\n; more\n"
                + ConfigurationFile.Minimal(
                    "NodeID = 4 # the number",
                    "CheckInterval = 5 ; seconds",
                    "AutoHeal = off\t# by hand",
                    "# NodeID = 5"
                )
        );

        Assert.Equal((4, TimeSpan.FromSeconds(5), false), (configuration.NodeID, configuration.CheckInterval, configuration.AutoHeal));
    }

    [Theory]
    [InlineData("a#b;c d")]
    [InlineData("key # with signs")]
    [InlineData("#starts")]
    [InlineData("a=b==")]
    [InlineData("100%")]
    [InlineData("say\"hi")]
    public void Read_ApiKey_IsTheWholeLine(string key) => Assert.Equal(key, file.Read(ConfigurationFile.Minimal("APIKey = " + key)).APIKey);

    [Fact]
    public void Read_ReadOnlyApiKey_IsTheWholeLineOrNothing()
    {
        Assert.Equal("look # only", file.Read(ConfigurationFile.Minimal("ReadOnlyAPIKey = look # only")).ReadOnlyAPIKey);
        Assert.Null(file.Read(ConfigurationFile.Minimal()).ReadOnlyAPIKey);
    }

    [Fact]
    public void Read_QuotesAroundAWholeValue_AreNotPartOfIt()
    {
        Assert.Equal("two words", file.Read(ConfigurationFile.Minimal("APIKey = \"two words\"")).APIKey);
        Assert.Equal(
            "x y",
            file.Read(ConfigurationFile.Minimal("ConnectionString = \"user=anna password='x y'\"")).ConnectionString.Password
        );
    }

    [Theory]
    [InlineData("user=anna password='a;b # c'", "a;b # c")]
    [InlineData("user=anna password=a#b;c", "a#b;c")]
    [InlineData("user=anna password=\"quoted\"", "\"quoted\"")]
    [InlineData("postgresql://anna:a%23b@h/", "a#b")]
    public void Read_ConnectionString_IsTheWholeLine(string text, string password) =>
        Assert.Equal(password, file.Read(ConfigurationFile.Minimal("ConnectionString = " + text)).ConnectionString.Password);

    [Theory]
    [InlineData("True", true)]
    [InlineData("TRUE", true)]
    [InlineData("yes", true)]
    [InlineData("on", true)]
    [InlineData("1", true)]
    [InlineData("False", false)]
    [InlineData("No", false)]
    [InlineData("off", false)]
    [InlineData("0", false)]
    public void Read_Switch_TakesPythonsWords(string text, bool value) =>
        Assert.Equal(value, file.Read(ConfigurationFile.Minimal("AutoHeal = " + text)).AutoHeal);

    [Theory]
    [InlineData("HistoryRetention = 7", 7)]
    [InlineData("HistoryRetention = 0", 0)]
    [InlineData("", 90)]
    public void Read_HistoryRetention_IsInDays(string line, int days) =>
        Assert.Equal(TimeSpan.FromDays(days), file.Read(ConfigurationFile.Minimal(line)).ToSettings().HistoryRetention);

    [Theory]
    [InlineData("", "")]
    [InlineData("TrustedProxies = 127.0.0.1", "127.0.0.1/32")]
    [InlineData("TrustedProxies = 10.1.0.0/16, ::1,fd00::/8 # the load balancers", "10.1.0.0/16 ::1/128 fd00::/8")]
    public void Read_TrustedProxies_AreNetworks(string line, string networks) =>
        Assert.Equal(networks, string.Join(' ', file.Read(ConfigurationFile.Minimal(line)).TrustedProxies));

    [Fact]
    public void ToString_Configuration_HoldsNoSecret()
    {
        var text = file.Read(ConfigurationFile.Node0).ToString();

        Assert.DoesNotContain("LetMeIn", text, StringComparison.Ordinal);
        Assert.DoesNotContain("password", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Environment_OverridesTheFile()
    {
        var configuration = file.Read(
            ConfigurationFile.Node0,
            new Hashtable
            {
                ["TRAKTOR_NODEID"] = "9",
                ["TRAKTOR_CONNECTIONSTRING"] = "user=otto",
                ["TRAKTOR_APIKEY"] = "from # the environment",
                ["TRAKTOR_APIADDRESS"] = "",
                ["TRAKTOR_SANDBOX"] = "containers",
                ["NODEID"] = "8",
            }
        );

        Assert.Equal(
            (9, "otto", "from # the environment", 8080),
            (configuration.NodeID, configuration.ConnectionString.User, configuration.APIKey, configuration.APIAddress.Port)
        );
    }

    [Fact]
    public void BoundTo_PortChosenBySystem_ReachesTheUrl()
    {
        Assert.Equal(
            new Uri("http://127.0.0.1:41000"),
            file.Read(ConfigurationFile.Minimal("APIAddress = 127.0.0.1:0")).BoundTo(41000).PublicURL
        );
        Assert.Equal(
            new Uri("https://proxy.example.net/"),
            file.Read(ConfigurationFile.Minimal("APIAddress = 127.0.0.1:0", "PublicURL = https://proxy.example.net"))
                .BoundTo(41000)
                .PublicURL
        );
    }
}
