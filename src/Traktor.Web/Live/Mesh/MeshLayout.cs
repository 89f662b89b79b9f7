namespace Traktor.Web.Live.Mesh;

/// <summary>A point of the drawing.</summary>
public readonly record struct MeshPoint(double X, double Y)
{
    public double DistanceTo(MeshPoint other) => Math.Sqrt(Math.Pow(X - other.X, 2) + Math.Pow(Y - other.Y, 2));
}

/// <summary>
/// How a directed link is drawn: a curve to the left of the straight line, so that the two directions do not cover each
/// other.
/// </summary>
/// <param name="Start">On the sending node's rim.</param>
/// <param name="Bend">The control point.</param>
/// <param name="Tip">On the receiving node's rim.</param>
/// <param name="Label">Where its label is: nearer to the sender, so that the labels of crossing links do not
/// overlap.</param>
/// <param name="Angle">Direction in which it arrives, degrees.</param>
public sealed record EdgeShape(MeshPoint Start, MeshPoint Bend, MeshPoint Tip, MeshPoint Label, double Angle);

/// <summary>
/// The positions of the nodes in a drawing of <see cref="Width"/> by <see cref="Height"/>. They depend on the number of
/// nodes only, so that no update moves a node.
/// </summary>
public static class MeshLayout
{
    public const double Width = 640;
    public const double Height = 460;

    private const double Margin = 12;
    private const double LabelAt = 0.4;

    /// <summary>A node's radius among so many.</summary>
    public static double Radius(int count) =>
        count switch
        {
            <= 5 => 44,
            <= 9 => 34,
            _ => 24,
        };

    /// <summary>The nodes' centres, the first at the top (of two, at the left), then clockwise.</summary>
    public static IReadOnlyList<MeshPoint> Places(int count)
    {
        if (count == 1)
            return [new MeshPoint(Width / 2, Height / 2)];
        var (rx, ry) = ((Width / 2) - Radius(count) - Margin, (Height / 2) - Radius(count) - Margin);
        var first = count == 2 ? Math.PI : -Math.PI / 2;
        var circle = Enumerable
            .Range(0, count)
            .Select(i => first + (2 * Math.PI * i / count))
            .Select(angle => (X: Math.Cos(angle), Y: Math.Sin(angle)))
            .ToList();
        // An odd number of nodes leaves a part of the circle empty: stretch the rest over the whole drawing.
        var (low, high) = (circle.Min(point => point.Y), circle.Max(point => point.Y));
        var widest = circle.Max(point => Math.Abs(point.X));
        return
        [
            .. circle.Select(point => new MeshPoint(
                (Width / 2) + (rx * point.X / widest),
                (Height / 2) + (count == 2 ? 0 : ry * (((point.Y - low) / (high - low) * 2) - 1))
            )),
        ];
    }

    /// <summary>The curve from one node to another.</summary>
    public static EdgeShape Edge(MeshPoint from, MeshPoint to, double radius)
    {
        var length = from.DistanceTo(to);
        var (dx, dy) = ((to.X - from.X) / length, (to.Y - from.Y) / length);
        var bow = Math.Clamp(length * 0.16, 22, 60);
        var bend = new MeshPoint(((from.X + to.X) / 2) + (dy * bow), ((from.Y + to.Y) / 2) - (dx * bow));
        var start = Towards(from, bend, radius);
        var tip = Towards(to, bend, radius + 3);
        return new EdgeShape(start, bend, tip, On(start, bend, tip, LabelAt), Math.Atan2(tip.Y - bend.Y, tip.X - bend.X) * 180 / Math.PI);
    }

    private static MeshPoint Towards(MeshPoint from, MeshPoint to, double distance)
    {
        var share = distance / from.DistanceTo(to);
        return new MeshPoint(from.X + ((to.X - from.X) * share), from.Y + ((to.Y - from.Y) * share));
    }

    private static MeshPoint On(MeshPoint start, MeshPoint bend, MeshPoint tip, double t)
    {
        var u = 1 - t;
        return new MeshPoint(
            (u * u * start.X) + (2 * u * t * bend.X) + (t * t * tip.X),
            (u * u * start.Y) + (2 * u * t * bend.Y) + (t * t * tip.Y)
        );
    }
}
