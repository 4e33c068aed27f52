// Package config reads the configuration: a YAML file, then the environment.
// What it can't use it refuses, naming file, line and key.
package config
