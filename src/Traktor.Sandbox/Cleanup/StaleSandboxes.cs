namespace Traktor.Sandbox.Cleanup;

/// <summary>
/// Removes the sandboxes of dead processes that their watchdogs did not remove: after a power failure, or on Windows.
/// </summary>
internal static class StaleSandboxes
{
    public static void Sweep()
    {
        foreach (
            var file in SandboxPlace.All.SelectMany(place =>
                Directory.EnumerateFiles(place, SandboxFolder.Prefix + "*" + SandboxFolder.LockSuffix)
            )
        )
        {
            try
            {
                using var ownership = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                SandboxFolder.Remove(file[..^SandboxFolder.LockSuffix.Length]);
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its owner is running, it belongs to another user, or it has just been removed.
            }
        }
    }
}
