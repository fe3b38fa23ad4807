# What a developer types. `make` alone lists the targets.

PYTHON ?= python3
PORT ?= 8000
HOSTS ?= localhost,127.0.0.1,[::1]
PY := .venv/bin/python
# The machine's own npm, or the one that tools/setup.py puts into the virtual environment.
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm
DATA := $(or $(COOPDIR_DATA),$(CURDIR)/var)

# The demo runs as a real site does, but over plain http and with a secret key of its own.
ENVIRONMENT = DEBUG=0 HTTPS=off ALLOWED_HOSTS="$(HOSTS)" SITE_URL="http://localhost:$(PORT)" SECRET_KEY="$$(cat "$(DATA)/secret-key")"
KEPT_KEY = @mkdir -p "$(DATA)" && test -s "$(DATA)/secret-key" || \
	(umask 077 && $(PY) -c 'import secrets; print(secrets.token_urlsafe(50))' > "$(DATA)/secret-key")

export PYTHONUNBUFFERED = 1
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-ci demo test lint test-long campaign mutants bench screenshots lock stop

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## install what the site needs, build the assets and translations
	@$(PYTHON) tools/setup.py

setup-dev: ## the same, with what tests and checks need
	@$(PYTHON) tools/setup.py --dev

setup-ci: ## the same, with what the whole suite needs
	@$(PYTHON) tools/setup.py --ci

demo: setup ## start the site on 127.0.0.1:8000 with demo accounts (PORT=…, DEMO_PASSWORD=…)
	$(KEPT_KEY)
	@$(ENVIRONMENT) $(PY) manage.py prepare_demo --port "$(PORT)"
	@$(ENVIRONMENT) exec $(PY) -m gunicorn coopdir.wsgi --config tools/demo.py \
		--bind "127.0.0.1:$(PORT)" --workers 2 --threads 8 --timeout 120 --log-level error

test: setup-ci lint ## check and test everything but the long campaign
	@PACKAGES=all $(PY) -m pytest -n 2 --dist worksteal

lint: setup-dev ## style, formatting, types, who imports whom, templates, scripts and their types, stylesheets
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo
	@test ! -d templates || $(PY) -m djlint templates --lint --quiet
	@$(NPM) run --silent lint

test-long: setup-ci ## the long tests, properties with many examples, a small share of each campaign
	@PACKAGES=all PROPERTIES=often $(PY) -m pytest -n 2 --dist worksteal -m "long or hypothesis" || { status=$$?; test $$status -eq 5 || exit $$status; }

campaign: setup-ci ## the whole of one campaign of tests/campaigns (make campaign NAME)
	@test -n "$(CAMPAIGN)" || { echo "Name one of:" $(patsubst tests/campaigns/test_%.py,%,$(wildcard tests/campaigns/test_*.py)); exit 2; }
	@CAMPAIGN=whole $(PY) -m pytest -m long -s tests/campaigns/test_$(CAMPAIGN).py

# `make campaign NAME`: the second word is no target of its own.
ifeq (campaign,$(firstword $(MAKECMDGOALS)))
CAMPAIGN := $(word 2,$(MAKECMDGOALS))
$(if $(CAMPAIGN),$(eval $(CAMPAIGN): ; @:))
endif

mutants: setup-ci ## whether the tests see the faults that tests/mutants names (ARGS="permissions facets", ARGS=--survivors)
	@$(PY) tools/mutants.py $(ARGS)

bench: setup-ci ## measure the lists, the map, the pages and the import (ARGS=…)
	$(KEPT_KEY)
	@$(ENVIRONMENT) $(PY) -m benchmarks $(ARGS)

screenshots: setup-ci ## take the pictures of docs/screenshots/ from a filled demo (COOPDIR_URL=…)
	@$(PY) tools/screenshots.py $(ARGS)

lock: setup-ci ## renew the lock files (UPGRADE=--upgrade takes new versions)
	@for name in requirements requirements-dev requirements-ci requirements-node; do \
		$(PY) -m uv pip compile $(UPGRADE) --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --no-annotate --no-header $$name.in -o $$name.txt || exit 1; \
	done
	@$(NPM) install --package-lock-only

stop: ## stop the embedded database
	@test ! -x $(PY) || $(PY) -m core.database.embedded_server stop "$(DATA)"
