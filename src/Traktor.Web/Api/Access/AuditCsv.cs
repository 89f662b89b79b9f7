using System.Globalization;
using Traktor.Engine.Audit;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Api.Access;

/// <summary>Entries of the audit log as lines of a CSV file (RFC 4180).</summary>
internal static class AuditCsv
{
    /// <summary>The names of the columns, with the line's end.</summary>
    public const string Header =
        "node,incarnation,number,at,request,kind,name,role,address,channel,via_node,action,target,outcome,detail,before,"
        + "after,previous_hash,hash\r\n";

    public static string Line(AuditEntry entry) =>
        string.Join(
            ',',
            new[]
            {
                Number(entry.Node),
                entry.Incarnation.ToString(),
                Number(entry.Number),
                entry.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                Number(entry.Request),
                entry.By.Kind,
                CsvText.Of(entry.By.Name),
                entry.By.Role,
                CsvText.Of(entry.By.Address),
                entry.By.Channel,
                Number(entry.By.ViaNode),
                entry.Action,
                CsvText.Of(entry.Target),
                AuditWords.Of(entry.Outcome),
                CsvText.Of(entry.Detail),
                CsvText.Of(entry.Before),
                CsvText.Of(entry.After),
                Convert.ToHexStringLower(entry.PreviousHash),
                Convert.ToHexStringLower(entry.Hash),
            }
        ) + "\r\n";

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
