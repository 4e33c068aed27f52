// Package market holds the words of the trade and of the program that watches
// it, as types: source, visit, post, listing, offer, alert. It imports the
// standard library alone, does no I/O and may be imported by every other package.
package market
