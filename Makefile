# Two commands matter: `make demo` shows the product, `make test` checks it.
#   PORT=8001 make demo            another port
#   DATABASE_URL=… REDIS_URL=… …   your own servers instead of the embedded ones

SHELL := /bin/bash
PY := .venv/bin/python
BIN := .venv/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset up down test check bench messages schema format

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: ## run the demo company in the foreground; Ctrl-C stops everything
	@bin/prepare && exec $(PY) bin/demo.py run

demo-reset: ## throw the demo's data away and start over
	@bin/prepare && $(PY) bin/demo.py reset && exec $(PY) bin/demo.py run

up: ## the demo in the background
	@bin/prepare && exec $(PY) bin/demo.py up

down: ## stop what `make up` started
	@if [ -x $(PY) ]; then exec $(PY) bin/demo.py down; fi

test: ## everything CI checks; ends with pytest's summary
	@bin/prepare --dev
	@DJANGO_SETTINGS_MODULE=salesorg.settings.test $(PY) -m tests.template_database >.local/template.log 2>&1 & \
		bin/check; checks=$$?; bin/tests $(PYTEST_ARGS); tests=$$?; exit $$((checks | tests))

check: ## the fast half: format, lint, types, imports, migrations, translations, deployment
	@bin/prepare --dev
	@bin/check

bench: ## the benchmarks, each beside hand-written SQL
	@bin/prepare --dev
	@bin/bench $(BENCH_ARGS)

messages: ## add new strings to the translations
	@$(PY) manage.py messages --update

schema: ## write docs/openapi.yaml
	@$(PY) manage.py spectacular --file docs/openapi.yaml

format: ## format and fix what can be fixed
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .
