// Package stack is resumewatch scaled out on one machine, for torture and
// measurements: PostgreSQL, Redis and Elasticsearch of deploy/testparts that
// belong to nobody else, a proxy in front of Elasticsearch that can be told to
// misbehave, and the roles as real processes that are started again when they
// die, as systemd would.
package stack
