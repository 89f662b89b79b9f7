using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>Waiting for other nodes.</summary>
internal static class JoinWait
{
    private static readonly TimeSpan WorthSaying = TimeSpan.FromSeconds(5);

    /// <summary>Says what is waited for, once that takes long.</summary>
    /// <exception cref="RefusedException">Conflict: it takes too long.</exception>
    public static async Task OnAsync(string what, TimeSpan waited, Func<string, Task> wait)
    {
        if (waited > TaskRules.Patience)
            throw RefusedException.Conflict($"{what} It did not change for {TaskRules.Patience.TotalMinutes:0} minutes.");
        if (waited > WorthSaying)
            await wait(what);
    }
}
