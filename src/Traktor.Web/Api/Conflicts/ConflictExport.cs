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
/// All conflicts of the mesh that a filter lets through, newest first, as a file. It is streamed page by page, so that
/// its length costs no memory. The file's name contains the nodes that do not answer. When one stops answering during
/// the export, the connection is aborted: an incomplete file must not look complete.
/// </summary>
internal static class ConflictExport
{
    /// <summary>The path for sessions of the console; the API has the same export under its own path.</summary>
    public const string PagePath = "/conflicts/export";

    public static void MapExport(this WebApplication app) => app.MapGet(PagePath, WriteAsync).ExcludeFromDescription();

    /// <summary>Export conflicts</summary>
    /// <remarks>
    /// A file with the conflicts of all nodes, newest first. Nodes whose arbiters do not answer are named in the file's
    /// name and, in JSON, in missing. Parameters: format (csv or json), node, table, type, state, since, until. In CSV,
    /// text that a spreadsheet would run as a formula begins with an apostrophe.
    /// </remarks>
    /// <param name="context">The call.</param>
    /// <param name="watch">The mesh.</param>
    /// <param name="clients">The clients of its arbiters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="format">csv (default) or json.</param>
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
            await Problem.Of(400, "format must be csv or json.").WriteAsync(context);
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
