using System.Text.Json;
using Traktor.Engine.Monitoring;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Status;

namespace Traktor.Web.Api.Status;

/// <summary>
/// Keeps the last status as serialised bytes: monitoring systems read it more often than the engine makes a new
/// snapshot.
/// </summary>
public sealed class StatusPage
{
    private Entry? _last;

    public ReadOnlyMemory<byte> Of(NodeStatus status)
    {
        var last = _last;
        if (!ReferenceEquals(last?.Status, status))
            _last = last = new Entry(
                status,
                JsonSerializer.SerializeToUtf8Bytes(StatusAnswer.Of(status), ApiJsonOptions.Wire.StatusAnswer)
            );
        return last.Bytes;
    }

    private sealed record Entry(NodeStatus Status, byte[] Bytes);
}
