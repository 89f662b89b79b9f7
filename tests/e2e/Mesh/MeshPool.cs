using Xunit.Sdk;

namespace Traktor.E2ETests.Mesh;

/// <summary>
/// Meshes that wait for a case of their shape, nothing of them initialised. A case gets one as it would get a new one,
/// works on it, and gives it back by disposing it; what it left behind is removed then.
/// </summary>
internal static class MeshPool
{
    /// <summary>Those beyond are stopped, the longest unused first: they take memory.</summary>
    private const int MostIdle = 5;

    private static readonly Lock Gate = new();
    private static readonly LinkedList<MeshLease> Idle = [];
    private static int failures;

    static MeshPool() =>
        AppDomain.CurrentDomain.FirstChanceException += (_, thrown) =>
        {
            if (thrown.Exception is XunitException)
                Interlocked.Increment(ref failures);
        };

    /// <summary>Assertions that have failed so far, in any case.</summary>
    public static int Failures => Volatile.Read(ref failures);

    /// <summary>A mesh of these majors, one that waits or else a new one.</summary>
    public static async Task<TestMesh> LeaseAsync(IReadOnlyList<int> majors)
    {
        var shape = string.Join('+', majors);
        MeshLease? found;
        lock (Gate)
        {
            found = Idle.FirstOrDefault(lease => lease.Shape == shape);
            if (found is not null)
                Idle.Remove(found);
        }

        var lease = found ?? await MeshLease.CreateAsync(shape, await TestMesh.StartAsync(majors, null));
        return lease.Begin();
    }

    /// <summary>Keeps a mesh that is as it was.</summary>
    public static async Task KeepAsync(MeshLease lease)
    {
        MeshLease? surplus = null;
        lock (Gate)
        {
            Idle.AddFirst(lease);
            if (Idle.Count > MostIdle)
            {
                surplus = Idle.Last!.Value;
                Idle.RemoveLast();
            }
        }

        if (surplus is not null)
            await surplus.Mesh.DestroyAsync();
    }

    /// <summary>Stops all that wait. Called when the last case is over.</summary>
    public static async Task CloseAsync()
    {
        List<MeshLease> left;
        lock (Gate)
        {
            left = [.. Idle];
            Idle.Clear();
        }

        await Task.WhenAll(left.Select(lease => lease.Mesh.DestroyAsync()));
    }
}
