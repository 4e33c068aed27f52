// Package custody is the log of what was done with evidence: events in canonical
// JSON as the leaves of a Merkle tree (RFC 6962, section 2.1), and checkpoints of
// the tree that are signed as notes. Whoever holds the log's public key finds,
// without this program's servers, any event or checkpoint that was changed, cut,
// moved or exchanged.
//
// The package is pure: events, hashes and checkpoints come from whoever keeps
// them, keys as values (docs/decisions/0026).
package custody
