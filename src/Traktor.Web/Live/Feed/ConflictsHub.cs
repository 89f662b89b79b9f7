using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Live.Feed;

/// <summary>
/// The live feed of the whole mesh for anybody with a SignalR client. A client calls <see cref="Listen"/> as a stream;
/// a client that reads slowly holds up nobody, and is given more at once. docs/feed.md tells how to use it.
/// </summary>
public sealed class ConflictsHub(MeshFeed feed, SignInSessions sessions, IHostApplicationLifetime lifetime, TimeProvider time) : Hub
{
    /// <summary>Where it is.</summary>
    public const string Path = "/hubs/conflicts";

    // What happens within this time is told together.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SessionCheck = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What is known, then what happens, without end: at first a snapshot of each node, or what has changed since the
    /// position that the client names of it.
    /// </summary>
    /// <param name="request">What to tell; null for the whole mesh from the beginning.</param>
    /// <param name="cancel">The client has ended the stream, or is gone.</param>
    /// <exception cref="HubException">A position is none; or the session has ended.</exception>
    public async IAsyncEnumerable<FeedMessage> Listen(FeedRequest? request, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (request?.Positions?.Values.FirstOrDefault(position => FeedPosition.Parse(position) is null) is not null)
            throw new HubException("A position is none: send those of the messages as they came.");
        var session = SessionPrincipal.SessionOf(Context.User);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        using var reader = feed.Listen(request ?? new FeedRequest(null, null));
        while (true)
        {
            await WaitAsync(reader, end.Token);
            if (session is not null && sessions.Use(session) is null)
                throw new HubException("The session has ended: sign in again.");
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
