// Package filter keeps the rows on which a predicate is TRUE. It moves nothing: the batch that it passes on shares the
// columns of the one that it got and has a shorter selection.
package filter
