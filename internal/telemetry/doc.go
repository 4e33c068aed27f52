// Package telemetry tells operators how the program fares: counters and gauges
// for Prometheus in a registry of their own, /livez and /readyz, and a log
// handler that masks personal data and secrets. It knows nothing of the stores;
// what it asks them comes in as functions.
package telemetry
