// Package grouping finds out which listings say the same thing by the same
// seller (an offer) and which contacts belong together (a seller). It is pure:
// a function of the listings given, in whatever order they come.
package grouping
