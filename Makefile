# `make help` lists the targets. The work itself stands in Scripts/, so that each step can also be run alone.
# Swift's runtime within the program: its reference counting is then called directly, which takes a fifth of the time of
# small graphs (docs/performance.md). Tests cannot have it so, and are built apart (Scripts/test).
SWIFT_BUILD := swift build -c release --static-swift-stdlib
PROGRAM := .build/release/tributary
# Built packages lie in .build folders and are not ours.
SOURCES = $(shell find Package.swift $(wildcard Sources Tests Examples Benchmarks) -name '.build*' -prune -o -name '*.swift' -print)

.DEFAULT_GOAL := help

## setup: install what the build needs (libnuma-dev, pkg-config) if it is missing
setup:
	@Scripts/setup

## run: build, then train the digit classifier on the carried data
run: setup
	@$(SWIFT_BUILD) --product tributary
	@$(PROGRAM) train digits $(ARGS)

## build: build the program and the libraries
build: setup
	@$(SWIFT_BUILD)

## test: build once and run every test, then the checks of the built program
test: setup
	@Scripts/test

## neon-test: compare the kernels' results across instruction sets, NEON under QEMU (installs a cross C library)
neon-test:
	@Tests/KernelCross/run.sh

## sanitize-kernels: the kernels under the address and undefined-behaviour sanitizers, every path (under a minute)
sanitize-kernels:
	@Tests/KernelCross/sanitize.sh

## numa-test: placement on two, four and uneven NUMA nodes, in virtual machines (installs QEMU, fetches a kernel)
numa-test: setup
	@Tests/Numa/run.sh $(ARGS)

## allocations: count the heap allocations of recorded small operators; fails above three
allocations: setup
	@$(SWIFT_BUILD) --product allocations
	@.build/release/allocations

## shared-writes: list the atomic instructions that three small operators reach (valgrind; two minutes)
shared-writes: setup
	@$(SWIFT_BUILD) --product tributary
	@Scripts/shared-writes

## accuracy: compare every elementary function with a wider type, float32 over all inputs (half an hour)
accuracy:
	@Scripts/accuracy

## format: format all Swift files in place
format:
	@swift format --in-place --parallel $(SOURCES)

## format-check: fail if a Swift file is not formatted
format-check:
	@swift format lint --strict --parallel $(SOURCES)

## tsan: scheduler and engine tests under the thread sanitizer
tsan: setup
	@Scripts/sanitize thread

## asan: the same tests under the address sanitizer
asan: setup
	@Scripts/sanitize address

## bench: time the benchmark workloads (ARGS="towers mlp --threads 1" picks)
bench: setup
	@$(SWIFT_BUILD) --product tributary
	@$(PROGRAM) bench $(ARGS)

## clean: remove what was built
clean:
	@rm -rf .build .build-* Benchmarks/.build Examples/*/.build

## help: this list
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

.PHONY: setup run build test neon-test sanitize-kernels numa-test allocations shared-writes accuracy format format-check tsan asan bench clean help
