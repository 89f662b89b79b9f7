using System.Globalization;
using System.Text;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Works;
using Traktor.Web.Peers;

namespace Traktor.Web.Api.Conflicts;

/// <summary>
/// All conflicts that a filter lets through, of the whole mesh, newest first, as a file: streamed page by page, so that
/// its length costs no memory. A node that cannot be asked is named in the file's name; one that falls silent on the
/// way breaks the download off, because half a file that looks whole would be a lie.
/// </summary>
internal static class ConflictExport
{
    /// <summary>For signed-in visitors of the console; the API has the same for those with the key.</summary>
    public const string PagePath = "/conflicts/export";

    public static void MapExport(this WebApplication app) => app.MapGet(PagePath, WriteAsync).ExcludeFromDescription();

    /// <summary>Export conflicts</summary>
    /// <remarks>
    /// A file of all conflicts that are asked for, newest first, of all nodes whose arbiters answer; the others are
    /// named in the file's name and, in JSON, in missing. Parameters: format (csv or json), node, table, type, state,
    /// since, until. In CSV, text that a spreadsheet would take for a formula begins with an apostrophe.
    /// </remarks>
    /// <param name="context">The call.</param>
    /// <param name="watch">Knows the mesh.</param>
    /// <param name="clients">The ways to its arbiters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="format">csv (also when left out) or json.</param>
    /// <response code="200">The file.</response>
    internal static async Task WriteAsync(
        HttpContext context,
        MeshWatch watch,
        NodeClients clients,
        TimeProvider time,
        string? format = null
    )
    {
        if (format is not (null or "csv" or "json"))
        {
            await Problem.Of(400, "format is none that there is.", "format is csv or json.").WriteAsync(context);
            return;
        }

        var cancel = context.RequestAborted;
        var filter = FeedFilter.Read(name => context.Request.Query[name]);
        await watch.RefreshAsync();
        var now = time.GetUtcNow();
        List<NodeConflicts> sources = [];
        List<(int Node, string Problem)> missing = [];
        foreach (var node in watch.Look().Nodes.Select(node => node.Node).Where(node => filter.Node is null || filter.Node == node))
        {
            var source = new NodeConflicts(node, clients, filter, now);
            if (await Operator.TryAsync(() => source.ReadAsync(cancel)) is { } problem)
                missing.Add((node, problem));
            else
                sources.Add(source);
        }

        var isJson = format == "json";
        context.Response.ContentType = isJson ? "application/json" : "text/csv; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{FileName(missing, now)}.{(isJson ? "json" : "csv")}\"";
        await using var writer = new StreamWriter(context.Response.Body, new UTF8Encoding(false), 32 * 1024, leaveOpen: true);
        try
        {
            await writer.WriteAsync(isJson ? "{\"conflicts\":[" : ConflictCsv.Header);
            for (var count = 0; Newest(sources) is { } source; count++)
            {
                var entry = source.Take();
                await writer.WriteAsync(
                    isJson ? (count == 0 ? "\n" : ",\n") + Json(source.Node, entry) : ConflictCsv.Line(source.Node, entry)
                );
                if (source.IsEmpty)
                    await source.ReadAsync(cancel);
            }

            if (isJson)
                await writer.WriteAsync($"],\n\"missing\":[{string.Join(',', missing.Select(Json))}]}}\n");
            await writer.FlushAsync(cancel);
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException or System.Data.Common.DbException or TimeoutException)
        {
            context.Abort();
        }
    }

    private static string FileName(List<(int Node, string Problem)> missing, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"conflicts-{now.UtcDateTime:yyyyMMdd-HHmmss}{Without(missing)}");

    private static string Without(List<(int Node, string Problem)> missing) =>
        missing.Count == 0 ? "" : "-without-node-" + string.Join('-', missing.Select(miss => miss.Node));

    private static string Json((int Node, string Problem) miss) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"node\":{miss.Node},\"problem\":{JsonSerializer.Serialize(miss.Problem, ApiJsonOptions.Wire.String)}}}"
        );

    private static NodeConflicts? Newest(List<NodeConflicts> sources) =>
        sources.Where(source => !source.IsEmpty).MaxBy(source => source.Next.Occurred);

    private static string Json(int node, HistoryEntry entry) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"node\":{node},{JsonSerializer.Serialize(entry, ApiJsonOptions.Wire.HistoryEntry).AsSpan(1)}"
        );

    /// <summary>One node's list, read a page at a time.</summary>
    private sealed class NodeConflicts(int node, NodeClients clients, FeedFilter filter, DateTimeOffset now)
    {
        private readonly Queue<HistoryEntry> _page = new();
        private long? _before;
        private bool _isEnd;

        public int Node => node;

        public bool IsEmpty => _page.Count == 0;

        public HistoryEntry Next => _page.Peek();

        public HistoryEntry Take() => _page.Dequeue();

        public async Task ReadAsync(CancellationToken cancel)
        {
            if (_isEnd)
                return;
            var page = await clients.Reader(node).ConflictsAsync(filter.ToHistory(now, HistoryFilter.UsualPage, _before), cancel);
            foreach (var entry in page.Conflicts)
                _page.Enqueue(entry);
            (_before, _isEnd) = (page.Next, page.Next is null);
        }
    }
}
