using System.Collections;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class ConfigurationReaderTests : IDisposable
{
    private const string Node0 = """
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

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Read_TutorialsNode0_HasItsValues()
    {
        var configuration = Read(Node0);

        Assert.Equal(0, configuration.NodeID);
        Assert.Equal(("127.0.0.1", 5433, "traktor"), (configuration.ConnectionString.Host, configuration.ConnectionString.Port, configuration.ConnectionString.Password));
        Assert.Equal(new ListenAddress("127.0.0.1", 8080), configuration.APIAddress);
        Assert.Equal(TimeSpan.FromSeconds(10), configuration.CheckInterval);
        Assert.Equal("LetMeIn", configuration.APIKey);
        Assert.True(configuration.AutoHeal);
        Assert.False(configuration.Pre16Compatibility);
        Assert.False(configuration.UsesTls);
        Assert.Equal(new Uri("http://127.0.0.1:8080"), configuration.PublicURL);
        Assert.StartsWith("APIKey: is shorter", Assert.Single(configuration.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OnlyWhatIsRequired_HasDefaults()
    {
        var configuration = Read(Minimal());

        Assert.Equal((new ListenAddress("127.0.0.1", 8080), TimeSpan.FromSeconds(10), true, false), (configuration.APIAddress, configuration.CheckInterval, configuration.AutoHeal, configuration.Pre16Compatibility));
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void ToSettings_Everything_ReachesTheEngine()
    {
        var settings = Read(Minimal("NodeID = 7", "CheckInterval = 0.5", "AutoHeal = no", "Pre16Compatibility = yes", "PublicURL = https://node7.example.net/traktor")).ToSettings();

        Assert.Equal((7, TimeSpan.FromSeconds(0.5), false, true), (settings.NodeId, settings.CheckInterval, settings.AutoHeal, settings.Pre16Compatibility));
        Assert.Equal("host=h password='it\\'s # secret' user=anna", settings.ConnectionString);
        Assert.Equal(new Uri("https://node7.example.net/traktor"), settings.ArbiterUrl);
    }

    [Fact]
    public void Read_BomAndCrLf_AreFine() => Assert.Equal("LetMeIn", Read("\ufeff" + Node0.ReplaceLineEndings("\r\n")).APIKey);

    [Fact]
    public void Read_KeysAndSectionInOtherCase_AreTheSame() =>
        Assert.Equal(3, Read(Minimal("nodeid = 3").Replace("[DEFAULT]", "[Default]", StringComparison.Ordinal)).NodeID);

    [Fact]
    public void Read_Comments_AreLeftOut()
    {
        var configuration = Read("# sample\n; more\n" + Minimal("NodeID = 4 # the number", "CheckInterval = 5 ; seconds", "AutoHeal = off\t# by hand", "# NodeID = 5"));

        Assert.Equal((4, TimeSpan.FromSeconds(5), false), (configuration.NodeID, configuration.CheckInterval, configuration.AutoHeal));
    }

    [Theory]
    [InlineData("a#b;c d")]
    [InlineData("key # with signs")]
    [InlineData("#starts")]
    [InlineData("a=b==")]
    [InlineData("100%")]
    [InlineData("say\"hi")]
    public void Read_ApiKey_IsTheWholeLine(string key) => Assert.Equal(key, Read(Minimal("APIKey = " + key)).APIKey);

    [Fact]
    public void Read_ReadOnlyApiKey_IsTheWholeLineOrNothing()
    {
        Assert.Equal("look # only", Read(Minimal("ReadOnlyAPIKey = look # only")).ReadOnlyAPIKey);
        Assert.Null(Read(Minimal()).ReadOnlyAPIKey);
    }

    [Fact]
    public void Read_ReadOnlyApiKeyThatOpensEverything_IsRefused() => Assert.Contains(
        "ReadOnlyAPIKey: is the same as APIKey",
        Assert.Throws<ConfigurationException>(() => Read(Minimal("APIKey = the-same-key", "ReadOnlyAPIKey = the-same-key"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_QuotesAroundAWholeValue_AreNotPartOfIt()
    {
        Assert.Equal("two words", Read(Minimal("APIKey = \"two words\"")).APIKey);
        Assert.Equal("x y", Read(Minimal("ConnectionString = \"user=anna password='x y'\"")).ConnectionString.Password);
    }

    [Theory]
    [InlineData("user=anna password='a;b # c'", "a;b # c")]
    [InlineData("user=anna password=a#b;c", "a#b;c")]
    [InlineData("user=anna password=\"quoted\"", "\"quoted\"")]
    [InlineData("postgresql://anna:a%23b@h/", "a#b")]
    public void Read_ConnectionString_IsTheWholeLine(string text, string password) => Assert.Equal(password, Read(Minimal("ConnectionString = " + text)).ConnectionString.Password);

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
    public void Read_Switch_TakesPythonsWords(string text, bool value) => Assert.Equal(value, Read(Minimal("AutoHeal = " + text)).AutoHeal);

    [Theory]
    [InlineData("NodeID = -1", "NodeID: ")]
    [InlineData("NodeID = 32768", "NodeID: ")]
    [InlineData("NodeID = 1.5", "NodeID: ")]
    [InlineData("NodeID = zero", "NodeID: ")]
    [InlineData("NodeID = # The individual node id. This is an Integer", "NodeID: is missing")]
    [InlineData("ConnectionString = host=h", "ConnectionString: The connection string names no user")]
    [InlineData("ConnectionString = user=anna # comment", "A comment needs a line of its own")]
    [InlineData("ConnectionString = # keyword/value", "ConnectionString: is missing")]
    [InlineData("APIKey =  # The secret API Key", "APIKey: is missing")]
    [InlineData("APIKey = schlüssel-schlüssel", "APIKey: holds characters")]
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
    [InlineData("SSLKeyfile = a.key", "SSLCertfile: is missing, while SSLKeyfile is set")]
    [InlineData("SSLCertfile = a.crt", "SSLKeyfile: is missing, while SSLCertfile is set")]
    [InlineData("ApiAdress = 127.0.0.1:1", "ApiAdress: is no known key (line 2); APIAddress is probably meant.")]
    [InlineData("Colour = red", "Colour: is no known key (line 2). Known are: NodeID, ")]
    [InlineData("NodeID", "Line 2: has no '='")]
    [InlineData("    port=5433", "Line 2: is indented")]
    [InlineData("$%&! = 1", "Line 2: what stands before the '=' is no key")]
    [InlineData("= 1", "Line 2: what stands before the '=' is no key")]
    [InlineData("[other]", "Line 2: only the sections [DEFAULT] and [PEERS] are known")]
    public void Read_OneMistake_IsOneErrorThatNamesIt(string line, string error)
    {
        var text = line == "[other]" ? "[DEFAULT]\n[other]\nx=1\n" + Minimal() : Minimal(line);

        Assert.Contains(error, Assert.Single(Errors(text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HistoryRetention = 7", 7)]
    [InlineData("HistoryRetention = 0", 0)]
    [InlineData("", 90)]
    public void Read_HistoryRetention_IsInDays(string line, int days) => Assert.Equal(TimeSpan.FromDays(days), Read(Minimal(line)).ToSettings().HistoryRetention);

    [Fact]
    public void Read_Peers_HaveKeysOfTheirOwn()
    {
        var keys = Read(Minimal() + "\n[Peers]\n# the night shift's\n1 = other key # 1\n12=\n0 = \"x;y\"\n").PeerKeys;

        Assert.Equal((2, "other key # 1", "x;y"), (keys.Count, keys[1], keys[0]));
        Assert.Empty(Read(Minimal()).PeerKeys);
    }

    [Theory]
    [InlineData("1", "is NodeID = API key")]
    [InlineData("x = y", "is NodeID = API key")]
    [InlineData("01 = y", "is NodeID = API key")]
    [InlineData("32768 = y", "is NodeID = API key")]
    [InlineData("1 = a\n1 = b", "[PEERS] 1: is set in line 6 and again in line 7")]
    [InlineData("1 = \u00fc", "[PEERS] 1: holds characters")]
    public void Read_WrongPeer_IsOneErrorThatNamesIt(string line, string error) =>
        Assert.Contains(error, Assert.Single(Errors(Minimal() + "\n[PEERS]\n" + line + "\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("HistoryRetention = 1.5")]
    [InlineData("NodeID = -1")]
    [InlineData("APIAddress = 1")]
    [InlineData("CheckInterval = x")]
    [InlineData("AutoHeal = x")]
    [InlineData("APIKey =")]
    [InlineData("ConnectionString = x")]
    [InlineData("PublicURL = x")]
    [InlineData("SSLKeyfile = nowhere")]
    public void Read_WrongValue_GivesAnExample(string line) => Assert.Contains("For instance: ", Assert.Single(Errors(Minimal(line))), StringComparison.Ordinal);

    [Fact]
    public void Read_ManyMistakes_AreToldAtOnce()
    {
        var errors = Errors("[DEFAULT]\nNodeID = x\nNodeID = 2\nAPIAddress = y\nCheckInterval = z\nAutoHeal = ?\nSSLKeyfile = k\nColor = 1\nnonsense\n");

        string[] starts = ["NodeID: is set in line 2 and again in line 3", "Color: ", "Line 9: ", "NodeID: is no", "ConnectionString: ", "APIAddress: ", "CheckInterval: ", "APIKey: ", "AutoHeal: ", "SSLCertfile: "];
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
        var thrown = Assert.Throws<ConfigurationException>(() => Read(Minimal(line)));

        Assert.DoesNotContain("S3", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_Configuration_HoldsNoSecret()
    {
        var text = Read(Node0).ToString();

        Assert.DoesNotContain("LetMeIn", text, StringComparison.Ordinal);
        Assert.DoesNotContain("password", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# nothing\n")]
    [InlineData("[DEFAULT]\n")]
    public void Read_EmptyFile_NamesWhatIsMissing(string text) =>
        Assert.Equal(["NodeID", "ConnectionString", "APIKey"], Errors(text).Select(error => error.Split(':')[0]));

    [Fact]
    public void Read_LinesBeforeTheSection_SayHowToBegin() => Assert.Contains(Errors("NodeID = 1"), error => error.Contains("begin the file with [DEFAULT]", StringComparison.Ordinal));

    [Fact]
    public void Read_FileThatIsNotThere_NamesThePathAsGiven()
    {
        var thrown = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read("no/such/arbiter.ini", new Hashtable()));

        Assert.StartsWith("no/such/arbiter.ini:", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Single(thrown.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Directory_SaysSo() => Assert.Contains("is a directory", Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(folder.FullName, new Hashtable())).Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Read_PathThatCannotBe_SaysSo(string path) => Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path, new Hashtable())).Errors);

    [Fact]
    public void Read_NotUtf8_SaysSo()
    {
        var path = Path.Combine(folder.FullName, "latin1.ini");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(Minimal("ConnectionString = user=anna password=schlüssel")));

        Assert.Contains("UTF-8", Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path, new Hashtable())).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Environment_OverridesTheFile()
    {
        var configuration = Read(Node0, new Hashtable
        {
            ["TRAKTOR_NODEID"] = "9", ["TRAKTOR_CONNECTIONSTRING"] = "user=otto", ["TRAKTOR_APIKEY"] = "from # the environment", ["TRAKTOR_APIADDRESS"] = "", ["TRAKTOR_SANDBOX"] = "containers", ["NODEID"] = "8",
        });

        Assert.Equal((9, "otto", "from # the environment", 8080), (configuration.NodeID, configuration.ConnectionString.User, configuration.APIKey, configuration.APIAddress.Port));
    }

    [Fact]
    public void Read_WrongEnvironment_IsAnErrorToo() => Assert.StartsWith("NodeID: ", Assert.Single(Errors(Node0, new Hashtable { ["TRAKTOR_NODEID"] = "x" })), StringComparison.Ordinal);

    [Fact]
    public void Read_OpenAddressWithoutTls_Warns() => Assert.Contains("plain text", Assert.Single(Read(Minimal("APIAddress = *:8080")).Warnings), StringComparison.Ordinal);

    [Fact]
    public void Read_KeyAndCertificate_SwitchTlsOn()
    {
        WritePair("node", DateTimeOffset.UtcNow.AddDays(1));
        var configuration = Read(Minimal("APIAddress = *:8080", "SSLKeyfile = node.key", "SSLCertfile = node.crt"));

        Assert.True(configuration.UsesTls);
        Assert.Equal("https", configuration.PublicURL.Scheme);
        Assert.Equal(Path.Combine(folder.FullName, "node.key"), configuration.SSLKeyfile);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void Read_ExpiredCertificate_Warns()
    {
        WritePair("old", DateTimeOffset.UtcNow.AddDays(-1));

        Assert.Contains("expired", Assert.Single(Read(Minimal("SSLKeyfile = old.key", "SSLCertfile = old.crt")).Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one.key", "other.crt", "SSLKeyfile: holds no")]
    [InlineData("one.crt", "one.crt", "SSLKeyfile: holds no")]
    [InlineData("one.crt", "one.key", "SSLCertfile: holds no")]
    [InlineData("text", "one.crt", "SSLKeyfile: holds no")]
    [InlineData("one.key", "text", "SSLCertfile: holds no")]
    [InlineData("locked.key", "one.crt", "SSLKeyfile: holds no")]
    [InlineData("nowhere", "one.crt", "SSLKeyfile: there is no such file")]
    [InlineData("one.key", ".", "SSLCertfile: there is no such file")]
    public void Read_FilesThatAreNoPair_AreRefused(string key, string certificate, string error)
    {
        WritePair("one", DateTimeOffset.UtcNow.AddDays(1));
        WritePair("other", DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder.FullName, "text"), "nothing");

        Assert.StartsWith(error, Assert.Single(Errors(Minimal("SSLKeyfile = " + key, "SSLCertfile = " + certificate))), StringComparison.Ordinal);
    }

    [Fact]
    public void BoundTo_PortChosenBySystem_ReachesTheUrl()
    {
        Assert.Equal(new Uri("http://127.0.0.1:41000"), Read(Minimal("APIAddress = 127.0.0.1:0")).BoundTo(41000).PublicURL);
        Assert.Equal(new Uri("https://proxy.example.net/"), Read(Minimal("APIAddress = 127.0.0.1:0", "PublicURL = https://proxy.example.net")).BoundTo(41000).PublicURL);
    }

    [Fact]
    public void Read_ShippedSample_NeedsOnlyTheApiKey()
    {
        var sample = File.ReadAllText(Path.Combine(Root(), "arbiter.ini"));

        Assert.StartsWith("APIKey: is missing", Assert.Single(Errors(sample)), StringComparison.Ordinal);
        var configuration = Read(sample, new Hashtable { ["TRAKTOR_APIKEY"] = "long enough" });
        Assert.Equal("traktor_tutorial", configuration.ConnectionString.Database);
        Assert.Empty(configuration.Warnings);
        Assert.All(ConfigurationReader.Keys, key => Assert.Matches($"(?m)^#? ?{key} =", sample));
    }

    [Fact]
    public void Documentation_NamesEveryKeyAndKeyword()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md"));

        Assert.All(ConfigurationReader.Keys, key => Assert.Contains($"`{key}`", page, StringComparison.Ordinal));
        Assert.All(Traktor.Engine.Postgres.ConninfoKeywords.All, keyword => Assert.Contains($"`{keyword.Name}`", page, StringComparison.Ordinal));
    }

    private static string Minimal(params string[] lines)
    {
        string[] required = ["NodeID = 1", "ConnectionString = host=h user=anna password='it\\'s # secret'", "APIKey = long enough"];
        var kept = required.Where(line => !lines.Any(other => other.Split('=')[0].Trim().Equals(line.Split('=')[0].Trim(), StringComparison.OrdinalIgnoreCase) && other.Contains('=', StringComparison.Ordinal)));
        return string.Join('\n', ["[DEFAULT]", .. lines, .. kept]);
    }

    private static string Root()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Traktor.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return root.FullName;
    }

    private ArbiterConfiguration Read(string text, Hashtable? environment = null)
    {
        var path = Path.Combine(folder.FullName, "arbiter.ini");
        File.WriteAllText(path, text);
        return ConfigurationReader.Read(path, environment ?? []);
    }

    private IReadOnlyList<string> Errors(string text, Hashtable? environment = null) => Assert.Throws<ConfigurationException>(() => Read(text, environment)).Errors;

    private void WritePair(string name, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), until);
        File.WriteAllText(Path.Combine(folder.FullName, name + ".crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder.FullName, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder.FullName, "locked.key"), key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
    }
}
