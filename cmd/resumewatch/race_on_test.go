//go:build race

package main

// underRace tells that the program under test carries the race detector.
const underRace = true
