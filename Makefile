# Everything a developer needs; each line calls something readable.
.PHONY: setup demo run test lint bench docs build

setup:  ; @scripts/setup
demo:   ; @scripts/setup demo && .venv/bin/fonoteka demo
run:    ; @scripts/setup demo && .venv/bin/fonoteka serve
test:   ; @scripts/test
lint:   ; @scripts/lint
bench:  ; @scripts/setup && .venv/bin/python -m bench.$(NAME)
docs:   ; @scripts/setup && .venv/bin/python scripts/docs.py
build:  ; @scripts/build
