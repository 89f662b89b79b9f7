using System.Runtime.InteropServices;

namespace Traktor.Sandbox.Machine;

/// <summary>Linux and macOS system calls without a counterpart in .NET.</summary>
internal static partial class Libc
{
    public const int SigKill = 9;

    private const int RemoveSegment = 0;

    /// <summary>SIGSTOP is 19 on Linux (on all supported architectures) and 17 on macOS.</summary>
    public static int SigStop => OperatingSystem.IsMacOS() ? 17 : 19;

    public static int SigCont => OperatingSystem.IsMacOS() ? 19 : 18;

    public static void Signal(int pid, int signal) => _ = Kill(pid, signal);

    /// <exception cref="SandboxException">The file system or the privileges do not allow it.</exception>
    public static void ChangeOwner(string path, UnprivilegedAccount account)
    {
        if (Chown(path, account.Uid, account.Gid) != 0)
            throw new SandboxException(
                $"The owner of '{path}' cannot be changed to the account {account.Name}, which runs the server (error "
                    + $"{Marshal.GetLastPInvokeError()})."
            );
    }

    /// <summary>Removes a System V shared memory segment; does nothing when it no longer exists.</summary>
    public static void RemoveSharedMemory(int id) => _ = ShmCtl(id, RemoveSegment, 0);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "shmctl", SetLastError = true)]
    private static partial int ShmCtl(int id, int command, nint buffer);
}
