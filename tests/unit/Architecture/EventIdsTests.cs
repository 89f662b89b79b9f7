using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>Who filters a log by an event's number gets that event and no other.</summary>
public sealed class EventIdsTests
{
    [Fact]
    public void EveryMessage_HasANumberOfItsOwn()
    {
        var events = new[] { Rooms.Engine, Rooms.Web }
            .SelectMany(order => order.Types)
            .SelectMany(type =>
                type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
            )
            .Select(method =>
                (Name: $"{method.DeclaringType!.Name}.{method.Name}", Id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            )
            .Where(message => message.Id is not null)
            .ToList();

        Assert.True(events.Count > 20);
        Assert.Empty(
            events
                .GroupBy(message => message.Id)
                .Where(group => group.Count() > 1)
                .Select(group => $"{group.Key}: {string.Join(", ", group.Select(message => message.Name))}")
        );
    }
}
