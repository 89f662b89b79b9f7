using System.Globalization;
using Traktor.Sandbox.Binaries;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Servers;

/// <summary>A server that runs as processes of this machine.</summary>
internal sealed class LocalServer : IPostgresServer
{
    private const int Attempts = 5;

    private readonly ServerBinaries binaries;
    private readonly UnprivilegedAccount? account;
    private readonly string folder;
    private bool started;

    private LocalServer(ServerBinaries binaries, UnprivilegedAccount? account, string folder, string password)
    {
        this.binaries = binaries;
        this.account = account;
        this.folder = folder;
        Password = password;
        DataDirectory = Path.Combine(folder, "data");
        Port = Ports.Free();
    }

    public int Major => binaries.Major;

    public string Host => "127.0.0.1";

    public int Port { get; private set; }

    public string Superuser => "postgres";

    public string Password { get; }

    public string DataDirectory { get; }

    public ServerClock? Clock { get; private init; }

    private string Log => Path.Combine(folder, "log");

    /// <summary>
    /// Creates the data directory of a new server in <paramref name="folder"/>, which is created too, without starting
    /// the server.
    /// </summary>
    public static async Task<LocalServer> CreateAsync(
        int major,
        string folder,
        IReadOnlyDictionary<string, string>? settings,
        bool hasOwnClock,
        UnprivilegedAccount? account,
        IProgress<string>? progress,
        CancellationToken cancel
    )
    {
        var merged = ServerSettings.Merge(major, settings);
        var binaries = await ServerBinaries.FindAsync(major, account, progress, cancel);
        var template = await DataDirectoryTemplate.ForAsync(binaries, account, progress, cancel);
        FileModes.MakePrivateFolder(folder, account);
        var server = new LocalServer(binaries, account, folder, template.Password)
        {
            Clock = hasOwnClock ? new ServerClock(folder, account) : null,
        };
        template.CopyTo(server.DataDirectory, account);

        var lines = ServerSettings.Lines(merged);
        if (!OperatingSystem.IsWindows())
        {
            // The dynamic shared memory of a killed server is then in its data directory and is removed with it.
            lines = ServerSettings.Lines([new("unix_socket_directories", folder), new("dynamic_shared_memory_type", "mmap")]) + lines;
        }

        await File.AppendAllTextAsync(Path.Combine(server.DataDirectory, "postgresql.conf"), "\n" + lines, cancel);
        return server;
    }

    public string Conninfo(string database = "postgres", string? user = null, string? password = null) =>
        ConninfoText.For(this, Port, database, user, password);

    public async Task StartAsync(CancellationToken cancel = default)
    {
        for (var attempt = 1; Postmaster.Find(DataDirectory) is null; attempt++)
        {
            string[] arguments =
            [
                "start",
                "-w",
                "-s",
                "-t",
                "60",
                "-D",
                DataDirectory,
                "-l",
                Log,
                "-o",
                string.Create(CultureInfo.InvariantCulture, $"-p {Port}"),
            ];
            if (await PgCtlAsync(arguments, cancel))
                break;

            // Another process may have taken the port since it was chosen. After the first start the port must not
            // change.
            if (attempt >= Attempts || Ports.IsFree(Port) || started)
                throw new SandboxException(
                    $"PostgreSQL {binaries.Version} does not start. Its log ends with:{Environment.NewLine}{LogTail(15)}"
                );
            Port = Ports.Free();
        }

        started = true;
    }

    public async Task StopAsync(CancellationToken cancel = default)
    {
        if (Postmaster.Find(DataDirectory) is null)
            return;
        if (
            !await PgCtlAsync(["stop", "-w", "-s", "-t", "60", "-m", "fast", "-D", DataDirectory], cancel)
            && Postmaster.Find(DataDirectory) is not null
        )
            throw new SandboxException(
                $"PostgreSQL {binaries.Version} does not stop. Its log ends with:{Environment.NewLine}{LogTail(15)}"
            );
    }

    public Task KillAsync(CancellationToken cancel = default) => Task.Run(() => Postmaster.Kill(DataDirectory), cancel);

    public async Task RestartAsync(CancellationToken cancel = default)
    {
        await StopAsync(cancel);
        await StartAsync(cancel);
    }

    public string LogTail(int lines)
    {
        if (!File.Exists(Log))
            return "";
        using var reader = new StreamReader(new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return string.Join(Environment.NewLine, reader.ReadToEnd().Split('\n').SkipLast(1).TakeLast(lines));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Run(() =>
        {
            Postmaster.Destroy(DataDirectory);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        });
    }

    private async Task<bool> PgCtlAsync(string[] arguments, CancellationToken cancel)
    {
        var command = ServerBinaries.Command(binaries.Program("pg_ctl"), arguments, folder, account);
        foreach (var (name, value) in Clock?.Environment() ?? [])
            command.Environment[name] = value;
        return await Tool.RunAsync(command, readOutput: false, cancel) is { ExitCode: 0 };
    }
}
