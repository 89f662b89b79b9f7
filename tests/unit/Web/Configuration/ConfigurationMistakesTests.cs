using System.Collections;
using System.Text;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

/// <summary>Whatever is wrong with a file is told at once, by key and line, and repeats no value.</summary>
public sealed class ConfigurationMistakesTests : IDisposable
{
    private readonly ConfigurationFile file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public void Read_ReadOnlyApiKeyThatOpensEverything_IsRefused() =>
        Assert.Contains(
            "ReadOnlyAPIKey: must differ from APIKey",
            Assert
                .Throws<ConfigurationException>(() =>
                    file.Read(ConfigurationFile.Minimal("APIKey = the-same-key", "ReadOnlyAPIKey = the-same-key"))
                )
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("NodeID = -1", "NodeID: ")]
    [InlineData("NodeID = 32768", "NodeID: ")]
    [InlineData("NodeID = 1.5", "NodeID: ")]
    [InlineData("NodeID = zero", "NodeID: ")]
    [InlineData("NodeID = # The individual node id. This is an Integer", "NodeID: is missing")]
    [InlineData("ConnectionString = host=h", "ConnectionString: The connection string has no user")]
    [InlineData("ConnectionString = user=anna # comment", "Write the comment on its own line")]
    [InlineData("ConnectionString = # keyword/value", "ConnectionString: is missing")]
    [InlineData("APIKey =  # The secret API Key", "APIKey: is missing")]
    [InlineData("APIKey = schlüssel-schlüssel", "APIKey: contains characters")]
    [InlineData("APIAddress = 8080", "APIAddress: ")]
    [InlineData("APIAddress = 127.0.0.1:99999", "APIAddress: ")]
    [InlineData("CheckInterval = 0", "CheckInterval: ")]
    [InlineData("CheckInterval = -1", "CheckInterval: ")]
    [InlineData("CheckInterval = 3600.1", "CheckInterval: ")]
    [InlineData("CheckInterval = 0.0000001", "CheckInterval: ")]
    [InlineData("CheckInterval = 1,5", "CheckInterval: ")]
    [InlineData("CheckInterval = 10s", "CheckInterval: ")]
    [InlineData("AutoHeal = perhaps", "AutoHeal: ")]
    [InlineData("Pre16Compatibility = 2", "Pre16Compatibility: ")]
    [InlineData("PublicURL = node0", "PublicURL: ")]
    [InlineData("PublicURL = ftp://node0", "PublicURL: ")]
    [InlineData("PublicURL = https://a:b@node0", "PublicURL: ")]
    [InlineData("TrustedProxies = proxy.example.net", "TrustedProxies: ")]
    [InlineData("TrustedProxies = 127.0.0.1,", "TrustedProxies: ")]
    [InlineData("TrustedProxies = 10.1.0.0/33", "TrustedProxies: ")]
    [InlineData("TrustedProxies = *", "TrustedProxies: ")]
    [InlineData("SSLKeyfile = a.key", "SSLCertfile: is missing, while SSLKeyfile is set")]
    [InlineData("SSLCertfile = a.crt", "SSLKeyfile: is missing, while SSLCertfile is set")]
    [InlineData("ApiAdress = 127.0.0.1:1", "ApiAdress: is not a key (line 2). Did you mean APIAddress?")]
    [InlineData("Colour = red", "Colour: is not a key (line 2). The keys are: NodeID, ")]
    [InlineData("NodeID", "Line 2: has no '='")]
    [InlineData("    port=5433", "Line 2: is indented")]
    [InlineData("$%&! = 1", "Line 2: the text before '=' is not a key")]
    [InlineData("= 1", "Line 2: the text before '=' is not a key")]
    [InlineData("[other]", "Line 2: unknown section; the only section is [DEFAULT].")]
    [InlineData("[Peers]", "Line 2: arbiters have keys of their own for one another; remove the section [PEERS] with its lines.")]
    public void Read_OneMistake_IsOneErrorThatNamesIt(string line, string error)
    {
        var text = line[0] == '[' ? $"[DEFAULT]\n{line}\n1=x\n{ConfigurationFile.Minimal()}" : ConfigurationFile.Minimal(line);

        Assert.Contains(error, Assert.Single(file.Errors(text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HistoryRetention = 1.5")]
    [InlineData("AuditRetention = -1")]
    [InlineData("NodeID = -1")]
    [InlineData("APIAddress = 1")]
    [InlineData("CheckInterval = x")]
    [InlineData("AutoHeal = x")]
    [InlineData("APIKey =")]
    [InlineData("ConnectionString = x")]
    [InlineData("PublicURL = x")]
    [InlineData("TrustedProxies = x")]
    [InlineData("SSLKeyfile = nowhere")]
    public void Read_WrongValue_GivesAnExample(string line) =>
        Assert.Contains("For instance: ", Assert.Single(file.Errors(ConfigurationFile.Minimal(line))), StringComparison.Ordinal);

    [Fact]
    public void Read_ManyMistakes_AreToldAtOnce()
    {
        var errors = file.Errors(
            "[DEFAULT]\nNodeID = x\nNodeID = 2\nAPIAddress = y\nCheckInterval = z\nAutoHeal = ?\nSSLKeyfile = k\nColor = 1\nnonsense\n"
        );

        string[] starts =
        [
            "NodeID: is set in line 2 and again in line 3",
            "Color: ",
            "Line 9: ",
            "NodeID: must be",
            "ConnectionString: ",
            "APIAddress: ",
            "CheckInterval: ",
            "APIKey: ",
            "AutoHeal: ",
            "SSLCertfile: ",
        ];
        Assert.Equal(starts.Length, errors.Count);
        Assert.All(starts.Zip(errors), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ConnectionString = user=anna password='S3cret")]
    [InlineData("ConnectionString = user=anna password=x S3cret")]
    [InlineData("APIKey = S3crät")]
    [InlineData("NodeID = S3cret")]
    [InlineData("APIAddress = S3cret")]
    [InlineData("PublicURL = https://a:S3cret@h")]
    [InlineData("S3cret!")]
    [InlineData("    S3cret = 1")]
    [InlineData("x S3cret = 1")]
    public void Read_Mistake_RepeatsNoValue(string line)
    {
        var thrown = Assert.Throws<ConfigurationException>(() => file.Read(ConfigurationFile.Minimal(line)));

        Assert.DoesNotContain("S3", thrown.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# nothing\n")]
    [InlineData("[DEFAULT]\n")]
    public void Read_EmptyFile_NamesWhatIsMissing(string text) =>
        Assert.Equal(["NodeID", "ConnectionString", "APIKey"], file.Errors(text).Select(error => error.Split(':')[0]));

    [Fact]
    public void Read_LinesBeforeTheSection_SayHowToBegin() =>
        Assert.Contains(file.Errors("NodeID = 1"), error => error.Contains("begin the file with [DEFAULT]", StringComparison.Ordinal));

    [Fact]
    public void Read_FileThatIsNotThere_NamesThePathAsGiven()
    {
        var thrown = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read("no/such/arbiter.ini", new Hashtable()));

        Assert.StartsWith("no/such/arbiter.ini:", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Single(thrown.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Directory_SaysSo() =>
        Assert.Contains(
            "is a directory",
            Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(file.Folder, new Hashtable())).Errors),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Read_PathThatCannotBe_SaysSo(string path) =>
        Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path, new Hashtable())).Errors);

    [Fact]
    public void Read_NotUtf8_SaysSo()
    {
        var path = Path.Combine(file.Folder, "latin1.ini");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(ConfigurationFile.Minimal("ConnectionString = user=anna password=schlüssel")));

        Assert.Contains(
            "UTF-8",
            Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path, new Hashtable())).Errors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_WrongEnvironment_IsAnErrorToo() =>
        Assert.StartsWith(
            "NodeID: ",
            Assert.Single(file.Errors(ConfigurationFile.Node0, new Hashtable { ["TRAKTOR_NODEID"] = "x" })),
            StringComparison.Ordinal
        );
}
