// Package discuztest is a small forum that looks like Discuz! X3.4 or X3.5 to
// a reader: lists, threads, index and message pages made from a model in
// memory, with the noise and the defences of the real one. Tests of the crawl
// and the demo use it; it can be made to fail on command.
package discuztest
