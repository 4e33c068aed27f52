package main

// explained says what ordinary texts that are called listings are, by the digest of the
// text: somebody has looked at each.
var explained = map[string]string{}
