# The entry points. `make` alone shows them.
.DEFAULT_GOAL := help
.PHONY: help run build test test-long check bench demo-cluster page

help: ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: export SYNCTV_METRICS_LISTEN ?= 127.0.0.1:9090
run: export SYNCTV_RTMP_LISTEN ?= 127.0.0.1:1935
run: build ## Install what is missing, build, and serve on http://127.0.0.1:8080
	target/release/synctv serve

build: page ## Build the page and the binary
	cargo build --release --bin synctv

page:
	scripts/install.sh
	scripts/build-web.sh

check: page ## Formatting, lints, types, schemas
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cd web && npm run --silent check
	scripts/buf.sh
	bash -n scripts/*.sh web/sample/make.sh .ci/run

test: page ## Every test, with reduced rounds
	scripts/install.sh --test
	cd web && npm test --silent
	cargo test --workspace

test-long: page ## Every test, all rounds
	scripts/install.sh --test
	cd web && npm test --silent
	SYNCTV_TEST_LONG=1 cargo test --workspace

demo-cluster: page ## Restart three nodes in turn under load, and print what became of it (ARGS=--json)
	@scripts/demo-cluster.sh $(ARGS)

bench: page ## Measure against peers and limits; writes bench/results.json
	scripts/install.sh --bench
	cargo run --release --package synctv-bench --bin synctv-bench
