using Microsoft.Extensions.Primitives;
using Traktor.Web.Security.Keys;

namespace Traktor.UnitTests.Web.Security;

public sealed class ApiKeyTests
{
    private readonly ApiKey _key = new("LetMeIn");

    [Fact]
    public void Check_TheKey_IsRight() => Assert.Equal(ApiKeyAnswer.Right, _key.Check("LetMeIn"));

    [Theory]
    [InlineData("letmein")]
    [InlineData("LetMeIn ")]
    [InlineData("LetMeI")]
    [InlineData("LetMeInLetMeIn")]
    public void Check_AnotherKey_IsWrong(string sent) => Assert.Equal(ApiKeyAnswer.Wrong, _key.Check(sent));

    [Fact]
    public void Check_NoHeaderOrAnEmptyOne_IsMissing()
    {
        Assert.Equal(ApiKeyAnswer.Missing, _key.Check(StringValues.Empty));
        Assert.Equal(ApiKeyAnswer.Missing, _key.Check(""));
    }

    [Fact]
    public void Check_SeveralHeaders_IsWrong() => Assert.Equal(ApiKeyAnswer.Wrong, _key.Check(new StringValues(["LetMeIn", "LetMeIn"])));

    [Fact]
    public void Check_HeaderOfTenKilobytes_IsWrong() => Assert.Equal(ApiKeyAnswer.Wrong, _key.Check(new string('é', 10_000)));
}
