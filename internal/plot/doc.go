// Package plot draws the figures of a report: heat maps of fields side by side,
// curves, and histograms.
//
// A figure is described by a value ([Panels], [Chart] or [Histogram]) and
// rendered once to both PNG and SVG by its Render method. Rendering has no
// options, no state and no clock: the same value gives the same bytes. It never
// fails on odd numbers (a NaN cell is grey, a point that a logarithmic axis
// cannot show is left out), because a figure is what one looks at when numbers
// went wrong; only a field whose length is not rows × columns panics.
//
// # Fields
//
// Fields are row-major with row 0 at the bottom, as everywhere in this module,
// and are drawn with y upward. Every cell becomes a block of whole pixels,
// without smoothing: what looks sharp is sharp in the data. Where axes are
// drawn, tick marks refer to the places of the nodes, which lie in the middle
// of their cells.
//
// # Colour
//
// The colour maps are curves in OKLab walked at constant speed, so that equal
// steps in value look equal, and their lightness is monotone (or symmetric, for
// differences), so that they survive grey printing and colour-blind eyes.
// Curves differ in marker and dash as well as in colour.
//
// # Size and type
//
// Lengths that callers give are millimetres. Inside, the unit is the CSS pixel
// (1/96 inch); PNGs have two device pixels to it (192 dpi, recorded in the
// file). Text is Liberation Sans (metrically equal to Arial and Helvetica,
// which the SVG names as substitutes): titles 12.5, labels 12, ticks 11 CSS
// pixels, that is 9.4, 9 and 8.3 points.
//
// # Text
//
// Titles, labels and names accept the small markup of [Markup]: *italic*,
// _{subscript}, ^{superscript}.
package plot
