using System.Diagnostics;

namespace Traktor.Sandbox.Cleanup;

/// <summary>
/// A small shell beside the process that owns a sandbox. It reads from a pipe whose other end only the owner holds:
/// when the owner ends, in any way, the kernel closes the pipe, and the shell stops the servers and removes the folder.
/// Therefore Ctrl-C, SIGTERM and SIGKILL need no handlers, which could conflict with the host's.
/// </summary>
internal sealed class Watchdog
{
    // The waiting shell is not a child of this process, so that killing the process tree does not kill it, and it
    // ignores Ctrl-C, which the terminal sends to the whole foreground group. A killed server's pid file may contain a
    // pid that now belongs to another process: the command line shows whether it does.
    private const string Script = """
        exec 3<&0
        (
          trap '' INT HUP TERM QUIT
          read -r word <&3 && exit 0
          ours() { { tr '\0' ' ' < "/proc/$1/cmdline" || ps -o command= -p "$1"; } | grep -qF -- "$2"; }
          for file in "$1"/*/data/postmaster.pid; do
            pid=
            read -r pid < "$file"
            case "$pid" in ''|*[!0-9]*) continue;; esac
            ours "$pid" "$1" || continue
            kill -QUIT "$pid"
            turns=0
            while [ "$turns" -lt 100 ] && ours "$pid" "$1"; do turns=$((turns + 1)); sleep 0.1; done
            if ours "$pid" "$1"; then kill -KILL "$pid"; fi
          done
          rm -rf "$1" "$2"
        ) </dev/null >/dev/null 2>&1 &
        """;

    private readonly Process shell;

    private Watchdog(Process shell) => this.shell = shell;

    /// <summary>Starts it; null when this machine has no shell. The next sandbox then cleans up.</summary>
    public static Watchdog? Start(string folder, string lockFile)
    {
        try
        {
            var shell = Process.Start(
                new ProcessStartInfo("/bin/sh", ["-c", Script, "traktor-sandbox-watchdog", folder, lockFile])
                {
                    RedirectStandardInput = true,
                    UseShellExecute = false,
                    WorkingDirectory = "/",
                }
            )!;
            shell.WaitForExit();
            return new Watchdog(shell);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Ends the shell, because nothing is left to clean up.</summary>
    public void Dismiss()
    {
        try
        {
            shell.StandardInput.WriteLine("done");
            shell.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The shell was killed; nothing is lost.
        }

        shell.Dispose();
    }
}
