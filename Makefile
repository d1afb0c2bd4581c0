# Tasks of the project; `make` alone lists them. Needs uv (pip install uv).
.PHONY: help check test demo bench schema pins

help: ## List the tasks
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 10

check: ## Linters, formatting, types and the schema
	uv run ruff check
	uv run ruff format --check
	uv run mypy
	uv run python scripts/schema_check.py

test: ## The whole test suite
	uv run pytest

demo: ## Start the product with demo data on a free port
	uv run entrepot demo --port 0

bench: ## Requests per second and latency beside a bare endpoint
	uv run python -m benchmarks http

schema: ## Rewrite docs/schema.graphql from the code
	uv run python scripts/schema_check.py --write

pins: ## Resolve the newest versions and pin them in pyproject.toml
	python3 scripts/pin.py
