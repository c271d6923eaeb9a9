# The two commands that a newcomer needs are `make up` and `make test`. Python 3.11 and make are enough.

PYTHON := $(shell for candidate in python3.11 python3 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then \
	    echo "$$candidate"; break; fi; done)
OPS = @if [ -z "$(PYTHON)" ]; then \
	  echo "Error: Python 3.11 is needed and none of python3.11, python3, python is one; install it (Debian 12: apt-get install python3.11-venv) and run make again." >&2; \
	  exit 1; fi; \
	exec $(PYTHON) -m ops.bootstrap

.PHONY: help up down status setup train publish test lint bench replay clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

up: ## set up what is missing, start everything, stop it all with Ctrl-C
	$(OPS) up

down: ## stop a system that runs in another terminal
	$(OPS) down

status: ## which services run, and where
	$(OPS) status

setup: ## install both environments, start nothing
	$(OPS) setup

train: ## train the models that are not trained yet
	$(OPS) train

publish: ## make edited replies (data/variants) live in the running system
	$(OPS) publish

test: ## every check and every test, those in a browser included
	$(OPS) test

lint: ## formatting, style, types, imports between the rooms
	$(OPS) lint

bench: ## measure this bot beside a stock bot
	$(OPS) bench

replay: ## FILE=conversations.jsonl: play conversations through the running system
	$(OPS) replay "$(FILE)"

clean: ## stop everything; remove both environments and all local data (trained models stay in the cache)
	$(OPS) clean
