using Traktor.Web.Configuration;

namespace Traktor.UnitTests.Web.Configuration;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1", 8080, true, false)]
    [InlineData("localhost:0", "localhost", 0, true, false)]
    [InlineData("[::1]:8080", "::1", 8080, true, false)]
    [InlineData("[::]:8080", "::", 8080, false, true)]
    [InlineData("0.0.0.0:8080", "0.0.0.0", 8080, false, true)]
    [InlineData("*:65535", "*", 65535, false, true)]
    [InlineData("192.0.2.1:1", "192.0.2.1", 1, false, false)]
    [InlineData("node0.example.net:8080", "node0.example.net", 8080, false, false)]
    public void Parse_Address_HasItsParts(string text, string host, int port, bool loopback, bool any)
    {
        var address = ListenAddress.Parse(text);

        Assert.Equal(new ListenAddress(host, port), address);
        Assert.Equal((loopback, any, text), (address!.IsLoopback, address.IsAny, address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8080")]
    [InlineData(":8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:80a")]
    [InlineData("::1:8080")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:8080")]
    [InlineData("[::1:8080")]
    [InlineData("two words:8080")]
    [InlineData("http://localhost:8080")]
    [InlineData("999.1.1.1:8080/x")]
    public void Parse_NoAddress_IsNull(string text) => Assert.Null(ListenAddress.Parse(text));

    [Theory]
    [InlineData("127.0.0.1:8080", false, "http://127.0.0.1:8080/")]
    [InlineData("[::1]:8080", true, "https://[::1]:8080/")]
    public void ToUrl_Address_IsReachable(string text, bool tls, string url) =>
        Assert.Equal(new Uri(url), ListenAddress.Parse(text)!.ToUrl(tls));

    [Theory]
    [InlineData("*:8080")]
    [InlineData("0.0.0.0:8080")]
    [InlineData("[::]:8080")]
    public void ToUrl_AllAddresses_NamesTheMachine(string text) =>
        Assert.Equal(System.Net.Dns.GetHostName(), ListenAddress.Parse(text)!.ToUrl(false).Host, ignoreCase: true);
}
