using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Live.Feed;

/// <summary>
/// The live feed of the whole mesh for SignalR clients. A client calls <see cref="Listen"/> as a stream; a slow client
/// delays no other, and receives more in each message. docs/feed.md describes it.
/// </summary>
public sealed class ConflictsHub(MeshFeed feed, SignInSessions sessions, IHostApplicationLifetime lifetime, TimeProvider time) : Hub
{
    /// <summary>Its path.</summary>
    public const string Path = "/hubs/conflicts";

    // Changes within this time are sent together.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SessionCheck = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Sends a snapshot of each node, or what has changed since the client's position of it, and then every change,
    /// without end.
    /// </summary>
    /// <param name="request">What to send; null for the whole mesh with snapshots.</param>
    /// <param name="cancel">The client has ended the stream or disconnected.</param>
    /// <exception cref="HubException">A position is not valid, or the session has ended.</exception>
    public async IAsyncEnumerable<FeedMessage> Listen(FeedRequest? request, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (request?.Positions?.Values.FirstOrDefault(position => FeedPosition.Parse(position) is null) is not null)
            throw new HubException("A position is not valid. Send the positions unchanged, as the messages have them.");
        var session = SessionPrincipal.SessionOf(Context.User);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        using var reader = feed.Listen(request ?? new FeedRequest(null, null));
        while (true)
        {
            await WaitAsync(reader, end.Token);
            if (session is not null && sessions.Use(session) is null)
                throw new HubException("The session has ended. Sign in again.");
            foreach (var message in reader.Take())
                yield return message;
            await Task.Delay(Gathering, time, end.Token);
        }
    }

    private static async Task WaitAsync(MeshReader reader, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(SessionCheck);
        try
        {
            await reader.WaitAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Nothing has happened.
        }
    }
}
