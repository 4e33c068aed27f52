// Package grouping finds out which listings say the same thing by the same
// seller (an offer). It is pure: a function of the listings given, in whatever
// order they come. Which contacts belong together (a seller) the casebook knows:
// it grows with every offer that is saved.
//
// Two listings meet (Meet) when they are of one side, their seller keys meet
// (Keys), and their text is near or their goods and prices agree. Offers are the
// connected components of that, with one exception: a listing that gives no
// contact of its own is known by its author's account alone, and an account may
// repeat what several sellers say. So the exact rule (Partition) is
//
//  1. listings with contacts that meet, at once or through others with contacts,
//     are one group; the group's contact set is all of their contacts;
//  2. listings without contacts that meet, at once or through others without
//     contacts, are one group;
//  3. a group of the second kind joins all groups of the first kind that one of
//     its listings meets, provided that these have one and the same contact set.
//     If there are two different sets among them it joins none and stays an offer of
//     its own: it never joins two contact sets.
//
// Groups of both kinds, their contact sets and which groups meet depend on the
// set of listings alone, and so do the offers.
package grouping
