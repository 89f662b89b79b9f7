using System.Globalization;
using System.Text;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Audit;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Access;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Api.Access;

/// <summary>
/// The entries of the audit log that a filter lets through, newest first, as a file. It is streamed page by page, so
/// that
/// its length costs no memory. When it cannot be read to its end, the connection is aborted: an incomplete file must
/// not
/// look complete.
/// </summary>
internal static class AuditExport
{
    /// <summary>The path for sessions of the console; the API has the same export under its own path.</summary>
    public const string PagePath = "/audit/export";

    public static void MapAuditExport(this WebApplication app) => app.MapGet(PagePath, WriteAsync).ExcludeFromDescription();

    /// <summary>Export the audit log</summary>
    /// <remarks>
    /// A file with the entries of all nodes that have arrived here, newest first. The filters are those of the list;
    /// limit
    /// and before are ignored. In CSV, text that a spreadsheet would run as a formula begins with an apostrophe. Needs
    /// the
    /// role admin.
    /// </remarks>
    /// <param name="context">The call.</param>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="query">Which entries.</param>
    /// <param name="time">The clock.</param>
    /// <param name="format">csv (default) or json: an object per line.</param>
    /// <response code="200">The file.</response>
    internal static async Task WriteAsync(
        HttpContext context,
        Arbiter arbiter,
        Caller caller,
        [AsParameters] AuditQuery query,
        TimeProvider time,
        string? format = null
    )
    {
        if (format is not (null or "csv" or "json"))
        {
            await Problem.Of(400, "format must be csv or json.").WriteAsync(context);
            return;
        }

        var cancel = context.RequestAborted;
        var acting = arbiter.As(caller.Actor);
        var filter = query.ToFilter() with { Before = null, Limit = AuditFilter.MostEntries };
        // Before the answer begins: a refusal is a problem, not a broken file.
        var page = await acting.AuditAsync(filter, cancel);
        var isJson = format == "json";
        context.Response.ContentType = isJson ? "application/x-ndjson" : "text/csv; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture,
            $"attachment; filename=\"audit-{time.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss}.{(isJson ? "ndjson" : "csv")}\""
        );
        await using var writer = new StreamWriter(context.Response.Body, new UTF8Encoding(false), 32 * 1024, leaveOpen: true);
        try
        {
            if (!isJson)
                await writer.WriteAsync(AuditCsv.Header);
            while (true)
            {
                foreach (var entry in page.Entries)
                    await writer.WriteAsync(isJson ? Json(entry) : AuditCsv.Line(entry));
                if (page.Next is null)
                    break;
                page = await acting.AuditAsync(filter with { Before = page.Next }, cancel);
            }

            await writer.FlushAsync(cancel);
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException or System.Data.Common.DbException or TimeoutException)
        {
            context.Abort();
        }
    }

    private static string Json(AuditEntry entry) =>
        JsonSerializer.Serialize(AuditEntryAnswer.Of(entry), ApiJsonOptions.Wire.AuditEntryAnswer) + "\n";
}
