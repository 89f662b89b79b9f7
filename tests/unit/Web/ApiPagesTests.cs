using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Traktor.Documents;
using Traktor.Web.Contracts.Json;

namespace Traktor.UnitTests.Web;

/// <summary>
/// docs/rest.md and docs/feed.md describe each object that the API writes or reads, field by field, and no other.
/// </summary>
public sealed partial class ApiPagesTests
{
    // The changes of a remote transaction are written as JSON by the healer; no type has their fields.
    private static readonly string[] WithoutType = ["change"];

    private static readonly string Text = string.Join('\n', new[] { "rest.md", "feed.md" }.Select(DocumentFile.Read));

    private static readonly ApiPage Page = ApiPage.Parse(Text);
    private static readonly IReadOnlyList<Type> Types = [.. Roots().SelectMany(Objects).Distinct()];
    private static readonly IReadOnlyList<Type> Bodies = [.. Roots().Where(IsBody).SelectMany(Objects).Distinct()];

    public static TheoryData<Type> AnswerTypes => [.. Types.Except(Bodies)];

    public static TheoryData<Type> BodyTypes => [.. Bodies];

    public static TheoryData<string> DescribedObjects =>
        [.. Page.Sections.Where(section => section.Fields("field") is not null).Select(section => section.Anchor).Except(WithoutType)];

    [Theory]
    [MemberData(nameof(AnswerTypes), DisableDiscoveryEnumeration = true)]
    public void Answer_EachField_IsDescribedWithItsTypeAndWhenItIsNull(Type type) =>
        Assert.True(Page.Sections.Any(section => IsOf(section, type)), $"No table of fields is that of {type.Name}:\n{Wanted(type)}");

    [Theory]
    [MemberData(nameof(DescribedObjects), DisableDiscoveryEnumeration = true)]
    public void Table_OfFields_IsThatOfAnAnswer(string anchor) =>
        Assert.True(
            Types.Any(type => IsOf(Page.Sections.First(section => section.Anchor == anchor), type)),
            $"The table of #{anchor} has a field, a type or a null that no answer has."
        );

    [Theory]
    [MemberData(nameof(BodyTypes), DisableDiscoveryEnumeration = true)]
    public void Body_EachField_IsDescribed(Type type) =>
        Assert.Contains(
            Page.Sections,
            section => section.Fields("body field") is { } fields && fields.Select(field => field.Name).ToHashSet().SetEquals(Names(type))
        );

    [Fact]
    public void Words_OfEveryEnumeration_AreNamed()
    {
        var words =
            from type in Types
            from property in type.GetProperties()
            let word = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
            where word.IsEnum
            from value in Enum.GetValues(word).Cast<object>()
            select JsonSerializer.Serialize(value, ApiJsonOptions.Wire.Options).Trim('"');

        Assert.All(words.Distinct(), word => Assert.Contains($"`{word}`", Text, StringComparison.Ordinal));
    }

    private static bool IsOf(ApiSection section, Type type) =>
        section.Fields("field") is { } fields
        && fields.Count == Names(type).Count
        && Properties(type).All(pair => fields.Any(field => field.Name == pair.Name && IsOf(field, pair.Property)));

    private static bool IsOf(ApiField field, PropertyInfo property) =>
        IsNullable(property) == field.NullWhen.Length > 0 && IsOf(field.Type, property.PropertyType);

    private static bool IsOf(string described, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonElement))
            return described is "object" or "object or array" || described.StartsWith("array of ", StringComparison.Ordinal);
        if (Plain(type) is { } word)
            return described == word;
        if (Element(type) is { } element)
            return described.StartsWith("array of ", StringComparison.Ordinal) && IsOf(described["array of ".Length..], element);
        return Link().Match(described) is { Success: true } link
            && IsOf(Page.Sections.First(section => section.Anchor == link.Groups[1].Value), type);
    }

    private static string? Plain(Type type) =>
        type == typeof(bool) ? "boolean"
        : type == typeof(int) || type == typeof(long) ? "integer"
        : type == typeof(double) || type == typeof(decimal) ? "number"
        : type == typeof(DateTimeOffset) ? "time"
        : type == typeof(string) || type == typeof(Guid) || type.IsEnum ? "string"
        : type.Name.StartsWith("IReadOnlyDictionary", StringComparison.Ordinal) ? "object"
        : null;

    private static Type? Element(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;

    private static bool IsNullable(PropertyInfo property) =>
        new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    /// <summary>What the API's JSON is made for, as its options name it.</summary>
    private static IEnumerable<Type> Roots() =>
        ApiJsonOptions
            .Wire.GetType()
            .GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
            .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!);

    private static bool IsBody(Type type) =>
        type.Name.EndsWith("Request", StringComparison.Ordinal) || type.Name.EndsWith("Body", StringComparison.Ordinal);

    /// <summary>The objects that a type consists of, itself included.</summary>
    private static IEnumerable<Type> Objects(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonElement) || Plain(type) is not null)
            return [];
        return Element(type) is { } element
            ? Objects(element)
            : [type, .. Properties(type).SelectMany(pair => Objects(pair.Property.PropertyType))];
    }

    private static HashSet<string> Names(Type type) =>
        [.. ApiJsonOptions.Wire.Options.GetTypeInfo(type).Properties.Select(property => property.Name)];

    private static IEnumerable<(string Name, PropertyInfo Property)> Properties(Type type) =>
        from name in Names(type)
        select (name, type.GetProperties().Single(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name) == name));

    private static string Wanted(Type type) =>
        string.Join(
            '\n',
            Properties(type)
                .Select(pair => $"| `{pair.Name}` | {pair.Property.PropertyType.Name} | {(IsNullable(pair.Property) ? "nullable" : "")} |")
        );

    [GeneratedRegex(@"^\[[^\]]+\]\(#([a-z0-9-]+)\)$")]
    private static partial Regex Link();
}
