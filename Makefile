# What people and CI run. It needs Python 3.12 or later, and nothing else; `make help` lists it.

PYTHON := .venv/bin/python
UV := $(if $(wildcard .venv/bin/uv),.venv/bin/uv,uv)
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header
T ?= tests
ARGS ?=
# Two processes share the whole suite, each with servers of its own; one runs a part of it, or all of it on
# a Redis that is named.
N ?= $(if $(TEST_REDIS_URL)$(filter-out tests,$(T)),0,2)

.DEFAULT_GOAL := help
.PHONY: help run test conformance check bench screenshots lock environment-run environment-dev

help:  ## List these commands
	@sed -n 's/^\([a-z]*\): .*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name does; do \
		printf '  make %-11s %s\n' "$$name" "$$does"; done

run: environment-run  ## Start Emobi with its servers and a demo fleet; Ctrl-C stops all of it
	@exec $(PYTHON) manage.py up $(ARGS)

test: environment-dev  ## Run every test, real browser included; T=tests/emobi for some, ARGS=-x for pytest
	@exec $(PYTHON) -m pytest -q -n $(N) --dist worksteal $(T) $(ARGS)

conformance: environment-dev  ## Play the scenarios of the specification; prints what each use case and profile comes to
	@exec $(PYTHON) -m pytest -q -p tests.transcripts.conformance_report tests/transcripts $(ARGS)

check: environment-dev  ## Check format, style, types, imports, migrations, settings and dependencies
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	@# Without a database: only its history can't be compared then.
	$(PYTHON) -W 'ignore:Got an error checking a consistent migration history' manage.py makemigrations --check --dry-run
	@# As it should be set up for the world.
	EMOBI_HTTPS=1 EMOBI_EMAIL_URL='smtp://mail.example:587?starttls=1' \
		EMOBI_SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(32))')" \
		$(PYTHON) manage.py check --deploy --fail-level WARNING
	$(PYTHON) -m pip check

bench: environment-dev  ## Measure connections, messages and latency; prints a table and writes JSON
	@exec $(PYTHON) -m bench $(ARGS)

screenshots: environment-dev  ## Take the pictures of docs/images from a running demo; ARGS=http://HOST:PORT for another
	@exec $(PYTHON) docs/screenshots.py $(ARGS)

lock:  ## Renew the lock files from pyproject.toml; ARGS=--upgrade for newer versions; needs uv (pip install uv)
	$(COMPILE) pyproject.toml --output-file requirements.txt $(ARGS)
	$(COMPILE) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt $(ARGS)

environment-run:
	@sh deploy/environment.sh requirements.txt

environment-dev:
	@sh deploy/environment.sh requirements-dev.txt
