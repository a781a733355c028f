# Each target first installs what it needs into .venv; the second time that takes a moment.

PYTHON ?= python3
BIN := .venv/bin
BENCHES := durability embedding export fuzzing generation gpu indexing memory ocr office rebuild responsiveness retrieval scale search synthesis training tuning window
XVFB := xvfb-run --auto-servernum --server-args="-screen 0 1920x1200x24"

.PHONY: run test lint coverage bench screenshots translations wheel frozen deb appdir smoke processors sbom component lock clean

run:
	@$(PYTHON) packaging/prepare.py run
	@$(BIN)/python packaging/start.py

test: lint
	@$(XVFB) $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

coverage:
	@$(PYTHON) packaging/prepare.py test
	@rm -f .coverage .coverage.*
	@$(XVFB) $(BIN)/python -m pytest --cov --numprocesses 2 --dist worksteal

lint:
	@$(PYTHON) packaging/prepare.py test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

bench:
	@$(PYTHON) packaging/prepare.py bench
	@for bench in $(BENCHES); do echo "== $$bench"; $(BIN)/python tests/bench/$$bench.py || exit 1; done

screenshots:
	@$(PYTHON) packaging/prepare.py test
	@$(XVFB) $(BIN)/python tests/desktop/screenshots.py build/screenshots
	@$(XVFB) $(BIN)/python tests/desktop/screenshots.py build/screenshots --all
	@cp build/screenshots/results-light.png docs/window-light.png

# When texts of the window have changed: run it, translate what is unfinished, and run it again.
translations:
	@$(PYTHON) packaging/prepare.py test
	@cd desktop/findling_desktop && ../../$(BIN)/pyside6-lupdate -silent -locations none -no-obsolete \
		-tr-function-alias tr+=_tr $$(find . -name "*.py" | sort) -ts translations/findling_de.ts
	@$(BIN)/pyside6-lrelease -silent desktop/findling_desktop/translations/findling_de.ts

# What is shipped. KIND=cuda: with the ONNX Runtime for NVIDIA's GPUs.
KIND ?= cpu

wheel:
	@$(PYTHON) packaging/wheel.py --check

frozen:
	@$(PYTHON) packaging/prepare.py package
	@$(PYTHON) packaging/freeze.py $(KIND)

deb:
	@$(PYTHON) packaging/prepare.py package
	@$(PYTHON) packaging/linux/deb.py $(KIND)

appdir:
	@$(PYTHON) packaging/prepare.py package
	@$(PYTHON) packaging/linux/appdir.py $(KIND)

smoke: deb
	@$(PYTHON) packaging/smoke.py $(KIND)

# What is packaged writes on processors without AVX-512 and AMX, too. Needs qemu-user-static.
processors: frozen
	@$(PYTHON) packaging/processors.py $(KIND)

sbom: frozen
	@$(PYTHON) packaging/sbom.py build/freezing/$(KIND)/venv/bin/python dist/findling-$(KIND).cdx.json

# What tuning needs beyond that, as one file.
component:
	@$(PYTHON) packaging/prepare.py package
	@$(PYTHON) packaging/component.py

# After a change of packaging/constraints.txt, or of what pyproject.toml wants.
lock:
	@$(PYTHON) packaging/lock.py

clean:
	rm -rf .venv build dist .coverage .coverage.* .pytest_cache .ruff_cache .import_linter_cache
