using System.Diagnostics;

namespace Traktor.Sandbox.Cleanup;

/// <summary>
/// A small shell beside the process that owns a sandbox. It waits at the end of a pipe whose other end only the owner
/// holds: when the owner ends, in whatever way, the kernel closes the pipe, and the shell stops the servers and removes
/// the folder. So Ctrl-C, SIGTERM and SIGKILL need no handlers, which would stand in the way of the host's own.
/// </summary>
internal sealed class Watchdog
{
    // The waiting part is not a child of ours, so that killing our process tree does not kill it, and it ignores the
    // terminal's Ctrl-C, which goes to the whole foreground group. A pid file may be a killed server's, its number
    // somebody else's by now: the command line tells.
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

    /// <summary>Starts it; null when this machine has no shell, and then the next sandbox sweeps.</summary>
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

    /// <summary>Sends it home: there is nothing left to clear up.</summary>
    public void Dismiss()
    {
        try
        {
            shell.StandardInput.WriteLine("done");
            shell.StandardInput.Flush();
        }
        catch (IOException)
        {
            // Somebody killed it; nothing is lost.
        }

        shell.Dispose();
    }
}
