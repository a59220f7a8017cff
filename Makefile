# Two commands matter: `make demo` and `make test`. Each sets up all it needs (scripts/bootstrap).
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench clean

BIN := .venv/bin
REPORT := cardio-demo.html
step = @printf '\n== %s\n'
# The tests start hundreds of programs: each module is compiled once.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this help
	@sed -n 's/^\([a-z]*\):.* ## /  make \1\t/p' $(MAKEFILE_LIST)

demo: ## Probe an emulated two-reader workstation and write an HTML report (Python only)
	@scripts/bootstrap demo
	@$(BIN)/cardio --workstation demo probe --html $(REPORT)
	@printf '\nReport: file://%s\n' '$(CURDIR)/$(REPORT)'

test: lint ## Set everything up and run every check and test
	$(step) 'tests'
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal --quiet

lint: ## Style, types, import contracts and sizes
	$(step) 'set-up'
	@scripts/bootstrap test
	$(step) 'style'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	$(step) 'types'
	@$(BIN)/pyright
	$(step) 'imports'
	@$(BIN)/lint-imports --no-logo
	$(step) 'sizes'
	@$(BIN)/python scripts/check_sizes.py

bench: ## Compare with bare PC/SC, OpenSC and vicc, side by side
	@scripts/bootstrap bench
	@set -e; for path in benchmarks/[a-z]*.py; do \
	    printf '\n== %s\n' "$$path"; \
	    $(BIN)/python -m "benchmarks.$$(basename "$$path" .py)"; \
	done

clean: ## Remove .venv, caches, builds and the demo report
	rm -rf .venv .cache .hypothesis .import_linter_cache .pytest_cache .ruff_cache build dist $(REPORT)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
