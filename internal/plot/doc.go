// Package plot draws the figures of a report: heat maps of fields side by side,
// curves, and histograms.
//
// A value describes a figure: [Panels], [Chart] or [Histogram]. Its Render
// method draws both a PNG and an SVG. Rendering has no options, no state and no
// clock: the same value gives the same bytes. Rendering accepts any numbers,
// because a figure is the place to look when numbers are wrong. A cell that is
// NaN is gray, and a logarithmic axis leaves out points at or below 0. Only
// slices of wrong length panic.
//
// # Fields
//
// Fields are row-major with row 0 at the bottom, as everywhere in this module,
// and are drawn with y upward. Every cell becomes a block of whole pixels,
// without smoothing: an edge in the figure is an edge in the data. Where axes
// are drawn, tick marks refer to the nodes, which lie in the middle of their
// cells. Lines can mark the edges of another field, as the true one
// ([Panel.Outline]). Cells without a value are hatched gray.
//
// # Color
//
// The color maps are curves in OKLab, walked at constant speed: equal steps in
// value look equally large. Lightness rises along a sequential map and is
// symmetric along a diverging or cyclic one, so the maps survive gray printing
// and color-blind eyes. [ColorMap] lists which map shows which quantity. Curves
// differ in marker and dash as well as in color.
//
// # Size and type
//
// Callers give lengths in millimeters. Inside, the unit is the CSS pixel (1/96
// inch). A PNG has two device pixels per CSS pixel (192 dpi, recorded in the
// file). Text is Liberation Sans. The SVG also names Arial and Helvetica, which
// have the same widths. Titles have 12.5, labels 12 and ticks 11 CSS pixels
// (9.4, 9 and 8.3 points).
//
// # Text
//
// Titles, labels and names accept the small markup of [Markup]: *italic*,
// _{subscript}, ^{superscript}.
package plot
