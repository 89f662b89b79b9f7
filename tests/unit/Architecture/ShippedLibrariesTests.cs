using System.Text.Json;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>
/// What the arbiter ships beside our own code. A library that comes along with another is in this list too, or it is
/// not shipped: so no library of the tests can reach the arbiter unseen.
/// </summary>
public sealed class ShippedLibrariesTests
{
    private static readonly string[] Shipped =
    [
        "Dapper",
        "Microsoft.AspNetCore.Authentication.OpenIdConnect",
        "Microsoft.AspNetCore.OpenApi",
        "Microsoft.Bcl.Cryptography",
        "Microsoft.IdentityModel.Abstractions",
        "Microsoft.IdentityModel.JsonWebTokens",
        "Microsoft.IdentityModel.Logging",
        "Microsoft.IdentityModel.Protocols",
        "Microsoft.IdentityModel.Protocols.OpenIdConnect",
        "Microsoft.IdentityModel.Tokens",
        "Microsoft.OpenApi",
        "MudBlazor",
        "Npgsql",
        "Swashbuckle.AspNetCore.SwaggerUI",
        "System.CommandLine",
        "System.IdentityModel.Tokens.Jwt",
    ];

    [Fact]
    public void Arbiter_Ships_ItsOwnLibrariesOnly()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Traktor.Web.deps.json"));
        using var deps = JsonDocument.Parse(file);
        var libraries =
            from library in deps.RootElement.GetProperty("libraries").EnumerateObject()
            where library.Value.GetProperty("type").GetString() == "package"
            select library.Name.Split('/')[0];

        Assert.Equal(Shipped, libraries.Order(StringComparer.Ordinal));
    }
}
