using Npgsql;
using Traktor.Engine.Targets;

namespace Traktor.UnitTests.Engine.Targets;

public sealed class ApplyErrorsTests
{
    /// <summary>
    /// What is tried again at once, without a word to anybody; whatever is not one of these stops the subscription and
    /// is shown.
    /// </summary>
    [Theory]
    [InlineData("40001", true)]
    [InlineData("40P01", true)]
    [InlineData("55P03", true)]
    [InlineData("55006", true)]
    [InlineData("23505", false)]
    [InlineData("23502", false)]
    [InlineData("42703", false)]
    [InlineData("55000", false)]
    [InlineData("57014", false)]
    public void IsTransient_SqlState_MeansThatTheSameAgainMaySucceed(string state, bool isTransient) =>
        Assert.Equal(isTransient, ApplyErrors.IsTransient(Error(state)));

    /// <summary>
    /// Neither the row's fault nor the table's: nothing is recorded, and the heal begins anew when the server is well.
    /// </summary>
    [Theory]
    [InlineData("08006", true)]
    [InlineData("53100", true)]
    [InlineData("57P01", true)]
    [InlineData("58030", true)]
    [InlineData("23514", false)]
    [InlineData("40P01", false)]
    public void IsServerTrouble_SqlState_MeansThatTheServerIsUnwell(string state, bool isTrouble) =>
        Assert.Equal(isTrouble, ApplyErrors.IsServerTrouble(Error(state)));

    [Theory]
    [InlineData("23505", true)]
    [InlineData("23P01", true)]
    [InlineData("23503", false)]
    public void IsConflict_SqlState_MeansThatAnotherRowIsInTheWay(string state, bool isConflict) =>
        Assert.Equal(isConflict, ApplyErrors.IsConflict(Error(state)));

    private static PostgresException Error(string state) => new("Something.", "ERROR", "ERROR", state);
}
