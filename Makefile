# make check   embedded parts alone, under three minutes with a warm build cache
# make test    everything: installs and starts what it needs
SHELL := /bin/bash
CHECK := format vet tools lint unit
TEST  := $(CHECK) build tidy generated deploy accuracy race fuzz parts torture faults
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BINARY  ?= resumewatch
T ?= 30m

.PHONY: help check test torture bench fuzz build clean
help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 16

check: ## gofmt, vet, linter with layer rules, unit tests
	@.ci/parts $(CHECK)

test: ## everything, real parts and race detector included; nothing is skipped
	@.ci/parts $(TEST)

torture: ## kills and faults at random instants, and an archive of 1 GB: long
	@LIMIT=14400 FULL=1 .ci/parts torture faults

bench: ## benchmarks, imports of 100 MB and 1 GB with their peak memory, and scaling out
	go test -run '^$$' -bench . -benchmem ./...
	go run ./bench/importbench --sizes 100MB,1GB
	go run ./bench/scalebench --size 1GB --pages 20000
	go run ./bench/evidencebench --captures 1000000 --verify 10GB

fuzz: ## every fuzz target for T=30m
	@LIMIT=1000000 FUZZTIME=$(T) .ci/parts fuzz

build: ## a release build: ./resumewatch
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X resumewatch/internal/app.Version=$(VERSION)' -o $(BINARY) ./cmd/resumewatch

clean: ## what was built and cached here
	rm -rf resumewatch .cache
