// Package forum turns pages of forum engines into boards, threads and posts.
//
// Engines are pure readers of one parsed page: no network, no clock but
// Page.At, no state. What a page says about itself (it is a challenge, the
// thread was deleted, one must log in) comes back as an outcome, never as an
// error, because it is knowledge about the source. An error means that the
// caller gave no page.
//
// Pages are hostile: every walk is iterative and capped, text is capped, and
// what was left out is named in Reading.Problems.
package forum
