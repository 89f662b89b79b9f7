using System.Security.Cryptography;
using System.Text;
using Traktor.Engine.Audit;

namespace Traktor.UnitTests.Engine.Audit;

public sealed class AuditChainTests
{
    [Fact]
    public void HashOf_IsWhatTheDocumentationSays()
    {
        var entry = SomeChain.Entry(1) with { Target = "Größe, 1:2", Detail = null, Before = "{}" };
        const string At = "2026-11-23T09:00:01.000000Z";
        string?[] fields =
        [
            "0",
            SomeChain.Incarnation.ToString(),
            "1",
            At,
            "1",
            "user",
            "alice",
            "admin",
            "10.0.0.1",
            "rest",
            null,
            "pause",
            "Größe, 1:2",
            "done",
            null,
            "{}",
            null,
        ];
        var text = string.Concat(fields.Select(field => field is null ? "-" : $"{Encoding.UTF8.GetByteCount(field)}:{field},"));

        Assert.Equal(SHA256.HashData([.. new byte[32], .. Encoding.UTF8.GetBytes(text)]), AuditChain.HashOf(entry));
    }

    public static TheoryData<string> Changes => [.. Changed.Keys];

    private static readonly Dictionary<string, Func<AuditEntry, AuditEntry>> Changed = new()
    {
        ["node"] = entry => entry with { Node = 1 },
        ["incarnation"] = entry => entry with { Incarnation = Guid.NewGuid() },
        ["number"] = entry => entry with { Number = 2 },
        ["time"] = entry => entry with { At = entry.At.AddMicroseconds(1) },
        ["request"] = entry => entry with { Request = 7 },
        ["kind"] = entry => entry with { By = entry.By with { Kind = "api_key" } },
        ["name"] = entry => entry with { By = entry.By with { Name = "bob" } },
        ["role"] = entry => entry with { By = entry.By with { Role = "viewer" } },
        ["address"] = entry => entry with { By = entry.By with { Address = null } },
        ["channel"] = entry => entry with { By = entry.By with { Channel = "console" } },
        ["via"] = entry => entry with { By = entry.By with { ViaNode = 2 } },
        ["action"] = entry => entry with { Action = "resume" },
        ["target"] = entry => entry with { Target = null },
        ["empty target"] = entry => entry with { Target = "" },
        ["outcome"] = entry => entry with { Outcome = AuditOutcome.Refused },
        ["detail"] = entry => entry with { Detail = "" },
        ["before"] = entry => entry with { Before = "{}" },
        ["after"] = entry => entry with { After = "{}" },
        ["previous"] = entry => entry with { PreviousHash = SHA256.HashData([1]) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void HashOf_AnyFieldChanged_IsAnother(string what)
    {
        var entry = SomeChain.Entry(1);

        Assert.NotEqual(AuditChain.HashOf(entry), AuditChain.HashOf(Changed[what](entry)));
    }

    [Fact]
    public void Truncate_ATime_IsAsPostgresKeepsIt() =>
        Assert.Equal(
            new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddTicks(1230),
            AuditChain.Truncate(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddTicks(1239))
        );
}
