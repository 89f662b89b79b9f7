using Traktor.Engine.Access;
using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class OpenIdSettingsTests : IDisposable
{
    private const string Provider = """
        OIDCAuthority = https://login.example.net/realms/shop
        OIDCClientID = traktor
        OIDCClientSecret = a#b;c
        """;

    private readonly ConfigurationFile file = new();

    public void Dispose() => file.Dispose();

    private OpenIdSettings? Read(string lines) => file.Read(ConfigurationFile.Minimal(lines)).OpenId;

    [Fact]
    public void Read_WithoutAProvider_IsNone() => Assert.Null(Read(""));

    [Fact]
    public void Read_AProvider_HasTheRolesOfTheGroups()
    {
        var read = Read(Provider + "\nOIDCAdminGroups = dba, root\nOIDCOperatorGroups = night shift, dba\nOIDCViewerGroups = staff")!;

        Assert.Equal("a#b;c", read.ClientSecret);
        Assert.Equal("groups", read.GroupsClaim);
        Assert.Equal(Role.Admin, read.RoleOf(["staff", "dba"]));
        Assert.Equal(Role.Operator, read.RoleOf(["night shift"]));
        Assert.Equal(Role.Viewer, read.RoleOf(["staff", "others"]));
        Assert.Null(read.RoleOf([]));
        Assert.Null(read.RoleOf(["DBA", "dba, root", ""]));
        Assert.DoesNotContain("a#b;c", read.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OIDCClientID = traktor", "OIDCAuthority: is missing")]
    [InlineData("OIDCAuthority = https://login.example.net", "OIDCClientSecret: is missing")]
    [InlineData("OIDCAuthority = http://login.example.net", "OIDCAuthority: must be an https:// URL")]
    [InlineData(Provider, "OIDCAdminGroups: ")]
    public void Read_Incomplete_NamesTheKey(string lines, string problem) =>
        Assert.Contains(problem, Assert.Throws<ConfigurationException>(() => Read(lines)).Message, StringComparison.Ordinal);
}
