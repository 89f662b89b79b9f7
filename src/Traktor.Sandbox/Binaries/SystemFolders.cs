using System.Globalization;

namespace Traktor.Sandbox.Binaries;

/// <summary>Where distributions and installers install the programs of a major version.</summary>
internal static class SystemFolders
{
    public static IEnumerable<string> Of(int major)
    {
        var m = major.ToString(CultureInfo.InvariantCulture);
        if (OperatingSystem.IsWindows())
            return [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", m, "bin")];
        if (OperatingSystem.IsMacOS())
        {
            return
            [
                $"/opt/homebrew/opt/postgresql@{m}/bin",
                $"/usr/local/opt/postgresql@{m}/bin",
                $"/Applications/Postgres.app/Contents/Versions/{m}/bin",
                $"/Library/PostgreSQL/{m}/bin",
            ];
        }

        return
        [
            $"/usr/lib/postgresql/{m}/bin",
            $"/usr/pgsql-{m}/bin",
            $"/usr/lib/postgresql{m}/bin",
            $"/usr/libexec/postgresql{m}",
            $"/home/linuxbrew/.linuxbrew/opt/postgresql@{m}/bin",
        ];
    }
}
