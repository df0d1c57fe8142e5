# Two commands: `make up` starts the product, `make test` runs its tests. Both set up what they need.
.DEFAULT_GOAL := help
.PHONY: help setup up down check test bench clean wheel develop

BIN := .venv/bin
# The industry of a new company: sulfuric_acid, daily_chemical, steel, terpene (default) or building_materials.
PACK ?=
# How many tests run at once, and which.
JOBS ?= 2
TESTS ?=

help:
	@echo "make up       启动 · start (PACK=steel, DETACH=1, BIHUAN_PORT=8301, BIHUAN_HOME=var)"
	@echo "make down     停止 · stop what DETACH=1 started"
	@echo "make setup    安装 · install, without starting"
	@echo "make test     测试 · run the tests (TESTS=src/bihuan/sales, JOBS=2)"
	@echo "make check    检查 · format, lint, types, room order, migrations, translations"
	@echo "make bench    测速 · measure"
	@echo "make wheel    打包 · build a wheel"
	@echo "make clean    清理 · remove what was built; data in var/ stays"

setup:
	@sh tools/bootstrap run

develop:
	@sh tools/bootstrap dev

up: setup
	@$(BIN)/bihuan up $(if $(PACK),--pack $(PACK)) $(if $(DETACH),--detach)

down:
	@if [ -x $(BIN)/bihuan ]; then $(BIN)/bihuan down; else echo "没有在运行 · not running"; fi

check: develop
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/check.py

test: develop
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

bench: setup
	@$(BIN)/bihuan bench

wheel: develop
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist . && ls dist

clean:
	@rm -rf .venv .tools node_modules dist build src/bihuan/config/static/vendor src/bihuan/*/locale/zh_Hant \
		.pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	@find src tests tools \( -name '*.mo' -o -name __pycache__ \) -prune -exec rm -rf {} +
