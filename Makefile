# make run    start Regard (SOURCE="camera:0", a file, an address …)
# make test   run the tests
# make lint   style, types, import contracts
# make bench   measure speed against the bare engine and peers (ONLY=file,startup  ROUNDS=3  QUICK=1  LIVE_SECONDS=600)
# make package   build what this system can hand out (tar.zst, deb; dmg; setup) and try it as a user would (FULL=1: torch inside)
# make pictures   make the README's pictures from the running program
# Each creates .venv and installs what it needs.

PYTHON ?= python3
BIN := .venv/bin
SOURCE ?=
RELEASE ?= bookworm
SAMPLES := build/samples
PHOTOGRAPHS = $(shell $(BIN)/python -c "import importlib.util as u; print(*u.find_spec('ultralytics').submodule_search_locations)")/assets

.PHONY: run test lint bench pictures package wheel clean

.venv/.installed: pyproject.toml packaging/system-libraries.sh
	packaging/system-libraries.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; } || \
		{ echo "Python's venv module is missing. Please type: sudo apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev,turbo]'
	@touch $@

# Without a display the sample photographs are recognised on the command line.
run: .venv/.installed
	@if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "No display here: recognising the sample photographs instead."; \
		$(BIN)/regard run $(PHOTOGRAPHS)/bus.jpg $(PHOTOGRAPHS)/zidane.jpg \
			--model yolov3-tiny,efficientnet-lite0 --save $(SAMPLES) && \
		echo "The annotated pictures lie in $(CURDIR)/$(SAMPLES)."; \
	elif [ -z "$(SOURCE)" ] && [ "$$(uname)" = Linux ] && ! ls /dev/video* >/dev/null 2>&1; then \
		$(BIN)/regard demo: ; \
	else \
		$(BIN)/regard $(SOURCE); \
	fi

test: .venv/.installed
	$(BIN)/python -m pytest

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/.installed-bench: .venv/.installed
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@

# What was given on the command line of make is in the environment of the scripts.
bench: .venv/.installed-bench
	-@packaging/system-libraries.sh xvfb
	@$(BIN)/python -m benchmarks

pictures: .venv/.installed
	packaging/system-libraries.sh xvfb xdotool imagemagick
	$(BIN)/python packaging/make_pictures.py

.venv/.installed-package: .venv/.installed
	$(BIN)/python -m pip install --quiet --editable '.[package]'
	@touch $@

# Builds what this system can build into dist/, then tries each as a user would. FULL=1: with torch inside. RELEASE=trixie
package: .venv/.installed-package
	-@packaging/system-libraries.sh xvfb xdotool imagemagick zstd binutils dpkg-dev debootstrap
	$(BIN)/python packaging/build.py $(if $(FULL),--full)
	@set -e; if [ "$$(uname)" = Linux ]; then tried=$$(ls dist/*.tar.zst dist/*.tar.zst.01 dist/*.deb 2>/dev/null || true); else tried=$$(ls -d dist/Regard.app dist/regard 2>/dev/null | head -1); fi; \
	for file in $$tried; do echo "Trying $$file"; $(BIN)/python packaging/smoke_test.py "$$file" --release $(RELEASE); done

wheel: .venv/.installed
	$(BIN)/python -m build

clean:
	rm -rf build dist .make .mypy_cache .ruff_cache .pytest_cache
