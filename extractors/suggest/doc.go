// Package suggest finds words of the trade that the lexicon doesn't know yet: strings that
// hold together, stand where names of goods and platforms stand, and are rare in ordinary
// talk.
//
// Messages are added one by one. Of those that trade the words are kept, up to a bound;
// of the others only counts, in a sketch of fixed size. Candidates are strings of two to six
// characters, or Latin words, of the trading messages, ranked by the sum of what speaks
// for them: how much more often they stand there than elsewhere (log-odds), how firmly their
// characters hold together (pointwise mutual information), how freely they stand among
// others (branching entropy), how often they fill the place of a name (出X一手, 收X, X的简历),
// and whether they sound like a known word. It is pure and deterministic.
package suggest
