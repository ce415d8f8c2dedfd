// Package report writes a run as one self-contained HTML page: statement,
// figures, tables, settings, provenance, and the commands that reproduce it.
//
// The page reads like the supplement of a paper. It opens offline and without
// JavaScript, follows the reader's light or dark setting, prints, and works
// with screen readers. On a narrow screen its tables become lists and its
// figures scroll. The page refers to nothing outside itself, which a content
// security policy in its head enforces.
//
// A [Report] is plain data: fill it and call Write. [Posterior] and
// [TrainingCurves] make the sections that every run has, figures included, from
// arrays. The same Report gives the same bytes. The package has no clock, so a
// date is part of the data.
//
// # Text
//
// All strings are escaped. Prose (Paragraph, captions, statements, table cells
// and keys) accepts the small markup of [csdm/internal/plot.Markup] for
// equations: *x* for variables, _{…} and ^{…} for sub- and superscripts. Pass
// text from outside the program through [csdm/internal/plot.Literal] if it
// should show its stars. Values of a KeyValue and Code are shown literally.
package report
