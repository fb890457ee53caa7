# SPDX-License-Identifier: Apache-2.0
#
# A menu in front of Meson, which does the work. `make help` lists it.

BUILD ?= build
PREFIX ?= /usr/local
ASAN_BUILD ?= build-asan
FUZZ_BUILD ?= build-fuzz
FUZZ_SECONDS ?= 60
MESON_FLAGS ?=
PROVE ?=
MESON_TEST = meson test --no-rebuild --print-errorlogs

SOURCES = find src tests tools -name '*.[ch]' -print0

all: setup-build $(BUILD)/build.ninja   ## install what is missing, set up, build into build/bin
	ninja -C $(BUILD)

demo: all                        ## a tour on generated captures, or on yours: make demo PCAPS=dir
	tools/demo.sh $(BUILD)/bin $(PCAPS)

test: setup-test all             ## every test
	$(MESON_TEST) -C $(BUILD)

# Sanitized programs are slow, so the corpus is sampled.
asan: setup-test                 ## every test again, under the address and undefined sanitizers
	test -f $(ASAN_BUILD)/build.ninja || meson setup $(ASAN_BUILD) \
	    -Db_sanitize=address,undefined -Db_lundef=false $(MESON_FLAGS)
	ninja -C $(ASAN_BUILD)
	PANOPTES_SAMPLE=8 PANOPTES_PLACES=30 \
	    $(MESON_TEST) -C $(ASAN_BUILD) --timeout-multiplier 4

bench: setup-bench all           ## speed and memory against our peers and the floor
	tools/bench.py --bin $(BUILD)/bin --tools $(BUILD)/tools

# At full size this takes ten minutes and 5 GB of disk; PROVE=--packets=1000000 makes it small.
prove: setup-test all            ## same bytes, nothing lost, memory kept: proofs at full size
	PANOPTES_BIN=$(BUILD)/bin PANOPTES_TOOLS=$(BUILD)/tools tools/prove.py $(PROVE)

fuzz:                            ## fuzz every parser: make fuzz FUZZ_SECONDS=60
	tools/setup.sh fuzz
	tools/fuzz.sh $(FUZZ_BUILD) $(FUZZ_SECONDS)

install: all                     ## programs and manual pages, under PREFIX=/usr/local
	meson configure $(BUILD) -Dprefix=$(PREFIX)
	meson install -C $(BUILD) --no-rebuild

format:                          ## lay out the C files in the house style
	tools/setup.sh format
	$(SOURCES) | xargs -0 clang-format-14 -i

format-check:                    ## fail where `make format` would change something
	tools/setup.sh format
	$(SOURCES) | xargs -0 clang-format-14 --dry-run -Werror

clean:                           ## take away everything that was built
	rm -rf $(BUILD) $(ASAN_BUILD) $(FUZZ_BUILD)

help:                            ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 16

$(BUILD)/build.ninja:
	meson setup $(BUILD) $(MESON_FLAGS)

setup-build:
	@tools/setup.sh build

setup-test:
	@tools/setup.sh test

setup-bench:
	@tools/setup.sh bench

.PHONY: all demo test asan bench prove fuzz install format format-check clean help \
	setup-build setup-test setup-bench
.NOTPARALLEL:
