using System.Reflection;
using Xunit.Sdk;

namespace Traktor.E2ETests.Tiers;

/// <summary>Data of a theory that tier all alone plays.</summary>
/// <param name="values">As with InlineData.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TierAllAttribute(params object[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Tier.IsAll ? [values] : [];
}
