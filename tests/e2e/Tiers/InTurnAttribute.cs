using System.Reflection;
using Xunit.Sdk;

namespace Traktor.E2ETests.Tiers;

/// <summary>
/// Data of a theory of which the default tier plays one row a day: of the method's rows in turn, one whose first value
/// is the day's major if there is one. Tier all plays every row.
/// </summary>
/// <param name="values">As with InlineData.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class InTurnAttribute(params object[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        if (Tier.IsAll)
            return [values];
        var rows = testMethod
            .GetCustomAttributes<InTurnAttribute>()
            .Select(row => row.Values)
            .OrderBy(Text, StringComparer.Ordinal)
            .ToList();
        return Text(Tier.Choose(testMethod, rows, row => row[0] as int?)) == Text(values) ? [values] : [];
    }

    private object[] Values => values;

    private static string Text(object[] row) => string.Join('|', row);
}
