// Package report writes a run down as one self-contained HTML page: statement,
// figures, tables, settings, provenance, and how to do it again.
//
// The page is meant to be read as the supplement of a paper. It opens offline
// and without JavaScript, follows the reader's light or dark setting, prints,
// and speaks to screen readers; it refers to nothing outside itself, which a
// content security policy in its head enforces.
//
// A [Report] is plain data: fill it and call Write. [Posterior] and [Training]
// make the sections that every run has, figures included, from arrays. The same
// Report gives the same bytes; there is no clock in here, so the date, if
// wanted, is part of the data.
//
// # Text
//
// All strings are escaped. Prose (Paragraph, captions, statements, table cells
// and keys) accepts the small markup of [csdm/internal/plot.Markup], for
// equations: *x* for variables, _{…} and ^{…} for sub- and superscripts. Text
// that comes from outside the program goes in through
// [csdm/internal/plot.Literal] where it should show its stars. Values of a
// KeyValue and Code are shown literally.
package report
