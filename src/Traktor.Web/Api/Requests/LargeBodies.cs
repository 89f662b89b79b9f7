using Microsoft.AspNetCore.Http.Features;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// Bounds the memory that large bodies take: a few at a time, and what they took is given back to the operating system
/// soon after the last. An arbiter at rest allocates too little for a full collection to come by itself.
/// </summary>
internal sealed class LargeBodies(TimeProvider time) : IDisposable
{
    /// <summary>How many are read and worked on at the same time; others wait.</summary>
    public const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly Lock _gate = new();
    private ITimer? _collection;

    /// <summary>
    /// Whether a body may be larger than <see cref="BodyLimits.Usual"/>, as far as the headers tell. One that is in
    /// memory has its place already.
    /// </summary>
    public static bool MayBeLarge(HttpContext context) =>
        context.Request.Body is not MemoryStream
        && context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is not <= BodyLimits.Usual
        && context.Request.ContentLength is not <= BodyLimits.Usual;

    /// <summary>Waits for a place; it is free again when the result is disposed.</summary>
    /// <exception cref="BadHttpRequestException">429: there was none in time.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new BadHttpRequestException("Too many large bodies.", StatusCodes.Status429TooManyRequests, e);
        }

        return new Place(this);
    }

    public void Dispose()
    {
        lock (_gate)
            _collection?.Dispose();
        _places.Dispose();
    }

    private void Leave()
    {
        _places.Release();
        lock (_gate)
        {
            _collection ??= time.CreateTimer(_ => Collect(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _collection.Change(Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private sealed class Place(LargeBodies bodies) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
                bodies.Leave();
        }
    }
}
