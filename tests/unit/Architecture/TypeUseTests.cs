using Traktor.Engine;
using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets.Opening;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>The walker sees what the compiler hides, or the arrows would be kept by chance.</summary>
public sealed class TypeUseTests
{
    [Theory]
    [InlineData(nameof(Samples.InBody))]
    [InlineData(nameof(Samples.InLambda))]
    [InlineData(nameof(Samples.InAsync))]
    [InlineData(nameof(Samples.InTypeArgument))]
    [InlineData(nameof(Samples.InCatch))]
    public void Of_UseInsideAMethod_IsSeen(string method)
    {
        var own = typeof(Samples)
            .GetNestedTypes(System.Reflection.BindingFlags.NonPublic)
            .Where(type => type.Name.Contains(method, StringComparison.Ordinal) || type.Name.StartsWith("<>c", StringComparison.Ordinal));
        var used = TypeUse.Of(typeof(Samples.Wrapper<>).DeclaringType!).Concat(own.SelectMany(TypeUse.Of)).ToHashSet();

        Assert.Contains(Samples.Expected[method], used);
    }

    [Fact]
    public void WhyNot_LaterRoom_IsNamed()
    {
        Assert.NotNull(Rooms.Engine.WhyNot("Postgres", typeof(OpeningStep)));
        Assert.NotNull(Rooms.Engine.WhyNot("Postgres", typeof(Arbiter)));
        Assert.Null(Rooms.Engine.WhyNot("Replicasets", typeof(Quote)));
        Assert.Null(Rooms.Engine.WhyNot("Postgres", typeof(RefusedException)));
    }

    [Fact]
    public void NamedIn_UsingDirective_IsFound() =>
        Assert.Equal(
            ["Healing", "Conflicts.Rows", "Conflicts"],
            Rooms.Engine.NamedIn(
                """
                using System;
                using Traktor.Engine;
                using Traktor.Engine.Healing;
                using Traktor.Engine.Conflicts.Rows;
                using Policy = Traktor.Engine.Conflicts.Policy;
                """
            )
        );

    private static class Samples
    {
        public static readonly Dictionary<string, Type> Expected = new()
        {
            [nameof(InBody)] = typeof(System.Text.StringBuilder),
            [nameof(InLambda)] = typeof(UriBuilder),
            [nameof(InAsync)] = typeof(System.Net.Http.HttpMethod),
            [nameof(InTypeArgument)] = typeof(System.Numerics.BigInteger),
            [nameof(InCatch)] = typeof(TimeZoneNotFoundException),
        };

        public static int InBody() => new System.Text.StringBuilder("x").Length;

        public static Func<object> InLambda() => () => new UriBuilder();

        public static async Task<string> InAsync()
        {
            await Task.Yield();
            return System.Net.Http.HttpMethod.Get.Method;
        }

        public static object InTypeArgument() => new Wrapper<System.Numerics.BigInteger>();

        public static void InCatch(Action action)
        {
            try
            {
                action();
            }
            catch (TimeZoneNotFoundException)
            {
                // Only the clause matters.
            }
        }

        public sealed class Wrapper<T>;
    }
}
