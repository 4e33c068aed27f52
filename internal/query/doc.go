// Package query is the search language: its parser, its tree and the tokens
// that both index engines store and look for.
//
// Words mean AND, and AND binds tighter than OR. There are "a phrase" (also
// “a phrase”), OR, -not, ( … ), field:value, and the ranges price:1..3,
// stock:10000.. and posted:2026-01..2026-03-15, whose ends are included. Case
// matters for OR alone. The parser is pure: the clock and the time zone are values.
package query
