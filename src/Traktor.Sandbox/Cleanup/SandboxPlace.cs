using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Cleanup;

/// <summary>
/// Where sandboxes are made: in <c>TMPDIR</c> when it is set; else in Linux' memory file system when that has room,
/// because a new server is about a thousand files, which cost ext4 up to a second of processor time and memory a
/// twentieth; else in the temporary folder.
/// </summary>
internal static class SandboxPlace
{
    private const string Memory = "/dev/shm";

    /// <summary>A few servers' data and WAL; a container's usual 64 MB are far below.</summary>
    private const long RoomInMemory = 8L << 30;

    /// <summary>A socket's path has at most 103 bytes on macOS; the folders and the name below this one take up to 50.</summary>
    private const int LongestPath = 50;

    /// <summary>Every place where a sandbox can be.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Candidates().Distinct().Where(Directory.Exists)];

    private static string Temporary => Path.TrimEndingDirectorySeparator(Path.GetTempPath());

    public static string Choose()
    {
        var temporary = Temporary;
        if (OperatingSystem.IsWindows())
            return temporary;
        if (
            OperatingSystem.IsLinux()
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TMPDIR"))
            && Directory.Exists(Memory)
            && new DriveInfo(Memory).AvailableFreeSpace >= RoomInMemory
        )
            return Memory;

        // The account that servers run as must be able to reach it.
        return temporary.Length <= LongestPath && (!Environment.IsPrivilegedProcess || UnprivilegedAccount.CanBeReachedByOthers(temporary))
            ? temporary
            : "/tmp";
    }

    private static string[] Candidates() => OperatingSystem.IsWindows() ? [Temporary] : [Temporary, Memory, "/tmp"];
}
