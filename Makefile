# idpsync: identity synchronization kept in PostgreSQL.
#
#   make               build against the pg_config on PATH (or PG_CONFIG=...)
#   make install       install into that server
#   make installcheck  run the regression tests against a running server
#   make demo          see it work on a private server (installs what is missing)
#   make check         run every test on a private server (installs what is missing)
#   make check-long    run the tests that take hours: stress, crashes, soak, fuzzing, a million calls, sqlsmith, other days, sanitizers, valgrind
#   make stress        let clients collide for a while: TIME=60 CLIENTS=16 SEED=... to choose the same again
#   make bench         measure it beside its rivals
#   make soak          ten minutes of 10,000 open sessions
#   make fuzz          feed its parsers with what nobody sends (TIME=60: seconds a parser)

EXTENSION  = idpsync
# The control file is where the version is written. META.json must repeat it, since PGXN takes it as it
# is; the regression test "reference" fails where the two differ.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" idpsync.control)
MODULE_big = idpsync

# One directory a room. A room uses only the rooms before it.
ROOMS = base counters wire store operation session job maintenance call report

SOURCES := src/idpsync.c $(foreach room,$(ROOMS),$(sort $(wildcard src/$(room)/*.c)))
PROTOS  := $(shell cd src/wire/proto 2>/dev/null && find . -name '*.proto' | sed 's|^\./||' | sort)

# The declarations of the extension's members, in the order of the install script.
SQL_PARTS = \
	src/base/enums.sql \
	src/counters/session_progress.sql \
	src/counters/job_statistics.sql \
	src/wire/protobuf_any.sql \
	src/store/ids.sql \
	src/store/store.sql \
	src/store/descriptors.sql \
	src/operation/operation.sql \
	src/session/session.sql \
	src/job/job.sql \
	src/job/count.sql \
	src/maintenance/maintain.sql \
	src/call/call.sql

# The statements that create_store() runs, in this order: compiled in as one string.
STORE_DDL = \
	src/store/ddl/limits.sql \
	src/store/ddl/store_setting.sql \
	src/store/ddl/descriptor.sql \
	src/store/ddl/session.sql \
	src/store/ddl/job.sql \
	src/store/ddl/job_count.sql \
	src/store/ddl/operation.sql \
	src/store/ddl/idempotency_key.sql \
	src/store/ddl/foreign_id.sql \
	src/store/ddl/maintenance_log.sql \
	src/report/views.sql

# What upgrade_store() runs to lead a store from one version to the next; compiled in, a string each.
STORE_UPGRADES = $(sort $(wildcard src/store/ddl/upgrade/*.sql))

# The install scripts of all releases before this one, and the scripts from each to the next. How to
# make a release: docs/architecture.md, "Upgrades and releases".
RELEASES = $(sort $(wildcard src/releases/*.sql))

REGRESS = install session_progress job_statistics protobuf_any ids store operation session expiry job list list_plans partitions count count_partitions sums maintain maintain_input maintain_blocked distribute import report call call_json rpc descriptors bad_input wire_input crafted_bytes hostile_arguments bent_store upgrade privileges search_path reference uninstall
REGRESS_OPTS = --inputdir=. --outputdir=build/regress

GENERATED_H = build/store_ddl.h build/store_upgrades.h $(PROTOS:%.proto=build/proto/%.pb-c.h)
OBJS = $(SOURCES:src/%.c=build/%.o) $(PROTOS:%.proto=build/proto/%.pb-c.o)
DATA = $(RELEASES)
DATA_built = build/idpsync--$(EXTVERSION).sql
EXTRA_CLEAN = build

# The commands for newcomers come first: they install pg_config itself where it is missing.
PG_CONFIG ?= pg_config
ifneq ($(filter demo check check-long stress soak fuzz bench,$(MAKECMDGOALS)),)

.PHONY: demo check check-long stress soak fuzz bench
demo:
	@KEEP=$(KEEP) test/demo/run
check:
	@test/check
check-long:
	@test/check_long
stress:
	@SEED=$(SEED) TIME=$(TIME) CLIENTS=$(CLIENTS) test/stress/run
bench:
	@SIZE=$(SIZE) test/bench/run
soak:
	@SESSIONS=$(SESSIONS) TIME=$(TIME) test/soak/run
fuzz:
	@TIME=$(TIME) test/fuzz/run

else

PG_CPPFLAGS = -Isrc -Ibuild -Ibuild/proto -DIDPSYNC_VERSION='"$(EXTVERSION)"' $(shell pkg-config --cflags libprotobuf-c)
PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Werror=implicit-function-declaration
SHLIB_LINK = $(shell pkg-config --libs libprotobuf-c)
# Bitcode would be made beside the sources, and nothing of ours is worth inlining into a query.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(PGXS),)
$(error "$(PG_CONFIG)" is no pg_config: install postgresql-server-dev-NN, or name yours with PG_CONFIG=...)
endif
include $(PGXS)

# Objects and generated files stay below build/.
build/%.o: src/%.c $(GENERATED_H)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CFLAGS_SL) $(CPPFLAGS) -MMD -MP -c -o $@ $<

build/proto/%.pb-c.o: build/proto/%.pb-c.c $(PROTOS:%.proto=build/proto/%.pb-c.h)
	$(CC) $(CFLAGS) -Wno-declaration-after-statement $(CFLAGS_SL) $(CPPFLAGS) -c -o $@ $<

build/proto/%.pb-c.c build/proto/%.pb-c.h: src/wire/proto/%.proto
	@mkdir -p build/proto
	protoc --c_out=build/proto -Isrc/wire/proto $<

build/store_ddl.h: $(STORE_DDL)
	@mkdir -p build
	{ echo "static const char store_ddl[] ="; sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $^; echo ";"; } > $@

build/store_upgrades.h: $(STORE_UPGRADES)
	@mkdir -p build
	for step in $^; do \
		echo "static const char upgrade_$$(basename $$step .sql)[] ="; sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $$step; echo ";"; \
	done > $@

build/idpsync--$(EXTVERSION).sql: $(SQL_PARTS) idpsync.control
	@mkdir -p build
	{ printf '%s\n' '\echo Use "CREATE EXTENSION idpsync" to load this file. \quit'; cat $(SQL_PARTS); } > $@

-include $(OBJS:.o=.d)

installcheck: regress_output
.PHONY: regress_output
regress_output:
	@mkdir -p build/regress

endif
