// Package project computes new columns from old ones, one program a column. Selection, row watermarks and offsets pass
// through. A row on which a program fails is left out of the selection before the next program sees it, so that it is
// reported once.
package project
