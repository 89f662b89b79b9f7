using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.E2ETests.Convergence;

/// <summary>A key of node 0 and what waits for it: one combination of what a decision depends on.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Entries">The logged overwrites.</param>
/// <param name="Winners">The winners that have arrived.</param>
/// <param name="Contested">What is kept of it.</param>
internal sealed record WaitingKey(
    RowVersion? Row,
    IReadOnlyList<WaitingKey.Entry> Entries,
    IReadOnlyList<WaitingKey.Version> Winners,
    WaitingKey.Kept? Contested
)
{
    /// <summary>Long after the transactions that write the entries.</summary>
    private static readonly DateTimeOffset RowTime = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RowVersion CompleteRow = new(At(0, 1), new Version(0, 1).Image);

    private static readonly Version Same = new(0, 1);

    private static readonly Entry Applied = new(new Version(-50, 0), new Version(-45, 1));

    /// <summary>
    /// Overwrites by every kind of version, recorded by the healer or not, and one of each kind that needs more.
    /// </summary>
    private static readonly List<Entry> Single =
    [
        .. from old in (Version[])[new(-50, 0), new(-50, 1), new(-40, 1), Same, new(0, 2), new(10, 0)]
        from made in (Version[])[Same, new(-45, 1), new(-45, 0), new(-60, 1), new(5, 0)]
        from recorded in "nla"
        select new Entry(old, made) { Recorded = recorded },
        Applied with
        {
            New = new Version(-45, 1, IsTombstone: true),
        },
        Applied with
        {
            IsRefused = true,
        },
        Applied with
        {
            Old = null,
        },
        Applied with
        {
            Old = new Version(-50, 0, IsIncomplete: true),
        },
        Applied with
        {
            New = new Version(-45, 1, IsIncomplete: true),
        },
        Applied with
        {
            Old = new Version(null, 0),
        },
        Applied with
        {
            Old = new Version(Version.Erased, 0),
        },
        Applied with
        {
            New = new Version(null, null),
        },
        new Entry(null, Same) { IsKeyChange = true },
    ];

    /// <summary>
    /// Two in a row, of one transaction or of two: one node that goes on writing, other nodes that write too.
    /// </summary>
    private static readonly List<Entry> Paired =
    [
        Applied,
        new Entry(new Version(-45, 1), new Version(-40, 1)),
        new Entry(new Version(-40, 1), Same),
        new Entry(new Version(-30, 0), new Version(-20, 2)),
        new Entry(new Version(-40, 0), Same),
        Applied with
        {
            IsRefused = true,
        },
    ];

    private static readonly List<IReadOnlyList<Entry>> AllEntries =
    [
        [],
        .. Single.Select(entry => (IReadOnlyList<Entry>)[entry]),
        .. from first in Paired
        from second in Paired
        from isContinued in (bool[])[false, true]
        select (IReadOnlyList<Entry>)[first, second with { IsContinued = isContinued }],
    ];

    private static readonly List<IReadOnlyList<Version>> AllWinners =
    [
        [],
        .. from stamp in (Version[])[new(-5, 2), Same, new(0, 2)]
        from image in (Version[])[stamp, stamp with { IsTombstone = true }, stamp with { IsIncomplete = true }]
        select (IReadOnlyList<Version>)[image],
        [new Version(-5, 2), Same],
    ];

    private static readonly List<Kept?> AllKept =
    [
        null,
        .. from stamp in (Version[])[new(-10, 0), Same, new(10, 0)]
        from image in (Version[])[stamp, stamp with { IsTombstone = true }, stamp with { IsIncomplete = true }]
        from flags in Enumerable.Range(0, 8)
        select new Kept(image, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0),
    ];

    /// <summary>The combinations.</summary>
    public static IEnumerable<WaitingKey> All()
    {
        var someEntries = AllEntries.Where((_, n) => n % 9 == 0).ToList();
        var someKept = AllKept.Where((_, n) => n % 16 is 0 or 9 or 10).ToList();
        return
        [
            .. from kept in AllKept
            from winners in AllWinners
            from entries in someEntries
            select new WaitingKey(CompleteRow, entries, winners, kept),
            .. from kept in someKept
            from winners in (IReadOnlyList<Version>[])[AllWinners[0], AllWinners[1], AllWinners[4], AllWinners[^1]]
            from entries in AllEntries
            select new WaitingKey(CompleteRow, entries, winners, kept),
            .. from row in (RowVersion?[])
                [
                    null,
                    CompleteRow with
                    {
                        IsIncomplete = true,
                    },
                    CompleteRow with
                    {
                        Stamp = new Stamp(Stamp.Unknown.AddMicroseconds(900), 0),
                    },
                ]
            from kept in AllKept.Take(3)
            from entries in AllEntries.Take(3)
            select new WaitingKey(row, entries, [Same], kept),
        ];
    }

    /// <summary>
    /// Whether the statement settles it: the row is there, whole and the greatest version; all that waits is plain.
    /// </summary>
    /// <param name="state">Its state, as it was read.</param>
    /// <param name="outcome">The decision on it.</param>
    public static bool IsSettled(KeyState state, KeyOutcome? outcome) =>
        state.Row is { IsIncomplete: false, Stamp.IsKnown: true } row
        && state.Overwrites.Count + state.Winners.Count > 0
        && outcome is { Contested.IsUnapplied: false }
        && outcome.Contested.Version.IsSameVersion(row)
        && state.Contested is null or { IsUnapplied: false, IsUnsent: false }
        && state.Winners.All(winner => !winner.IsIncomplete)
        && Overwrite.ByTransaction(state.Overwrites).Count == state.Overwrites.Count
        && state.Overwrites.All(entry =>
            entry
                is {
                    IsRefused: false,
                    Old: { IsIncomplete: false, Stamp.IsKnown: true },
                    New: { IsIncomplete: false, IsTombstone: false, Stamp.IsKnown: true }
                }
        );

    /// <summary>A stamp, minutes after the row's.</summary>
    private static Stamp At(int minutes, int node) => new(RowTime.AddMinutes(minutes), node);

    /// <summary>A version.</summary>
    /// <param name="Minutes">When it was committed, after the row; null: the server does not know, or the entry's own
    /// transaction says.</param>
    /// <param name="Node">Its node; null: the entry's own transaction says.</param>
    /// <param name="IsTombstone">Whether it is a deletion.</param>
    /// <param name="IsIncomplete">Whether its image is incomplete.</param>
    internal sealed record Version(int? Minutes, int? Node, bool IsTombstone = false, bool IsIncomplete = false)
    {
        /// <summary>Stands for a time that a rewrite of the table has erased.</summary>
        public const int Erased = int.MinValue;

        public DateTime? Time =>
            Minutes switch
            {
                null => null,
                Erased => Stamp.Unknown.AddMicroseconds(700).UtcDateTime,
                { } minutes => RowTime.AddMinutes(minutes).UtcDateTime,
            };

        // The row's own version has its image.
        public string? Image => IsTombstone ? null : $"{{\"id\":\"1\",\"v\":\"{Minutes} on {Node}\"}}";
    }

    /// <summary>A logged overwrite.</summary>
    internal sealed record Entry(Version? Old, Version New)
    {
        public bool IsRefused { get; init; }

        public char Recorded { get; init; } = 'n';

        /// <summary>Whether it is of the same transaction as the entry before.</summary>
        public bool IsContinued { get; init; }

        /// <summary>Whether the application changed a key here.</summary>
        public bool IsKeyChange { get; init; }
    }

    /// <summary>An entry of trktr.contested_key.</summary>
    internal sealed record Kept(Version Version, bool IsSent, bool IsUnapplied, bool IsUnsent);
}
