using MudBlazor;

namespace Traktor.Web.Components.Layout;

/// <summary>The console's colours: a field green, in contrasts of at least 4.5 to 1 for text in both modes.</summary>
internal static class Theme
{
    public static MudTheme Traktor { get; } =
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = "#1f6b3a",
                Secondary = "#8a4b08",
                Success = "#1f7a3f",
                Warning = "#9a5b00",
                Error = "#b3261e",
                Info = "#1b5f8f",
                Background = "#f5f7f4",
                Surface = "#ffffff",
                TextPrimary = "#1b211c",
                TextSecondary = "#4d574f",
                LinesDefault = "#dde3dc",
                TableLines = "#e4e9e3",
            },
            PaletteDark = new PaletteDark
            {
                Primary = "#7fd49a",
                Secondary = "#f0b27a",
                Success = "#78d696",
                Warning = "#f2bd62",
                Error = "#ff9d94",
                Info = "#8cc8f2",
                Background = "#111612",
                Surface = "#1a211c",
                TextPrimary = "#e8eee8",
                TextSecondary = "#a9b5ab",
                LinesDefault = "#2e3831",
                TableLines = "#2a332c",
            },
            LayoutProperties = new LayoutProperties { DefaultBorderRadius = "10px" },
            Typography = new Typography
            {
                Default = new DefaultTypography { FontFamily = ["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"] },
            },
        };
}
