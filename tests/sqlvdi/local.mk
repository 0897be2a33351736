# SPDX-License-Identifier: Apache-2.0
# The stand-in for the vendor's library.
sqlvdi_thread_tests =
if SQLVDI
if HAVE_CHECK
check_PROGRAMS += tests/bin/sqlvdi
TESTS += tests/bin/sqlvdi
sqlvdi_thread_tests += tests/bin/sqlvdi
endif
TESTS += tests/sqlvdi/exports.sh tests/sqlvdi/sqlcmd.sh
if HAVE_CXX
check_SCRIPTS = tests/bin/models
TESTS += tests/sqlvdi/models.sh
sqlvdi_thread_tests += tests/sqlvdi/models.sh
endif
endif
tests_bin_sqlvdi_SOURCES = \
	tests/sqlvdi/abi.c \
	tests/sqlvdi/abi.h \
	tests/sqlvdi/devices.c \
	tests/sqlvdi/main.c \
	tests/sqlvdi/sets.c \
	tests/conformance/rig.c \
	tests/conformance/rig.h
tests_bin_sqlvdi_CPPFLAGS = $(tests_bin_conformance_CPPFLAGS)
tests_bin_sqlvdi_CFLAGS = $(tests_bin_conformance_CFLAGS)
tests_bin_sqlvdi_LDADD = $(tests_bin_conformance_LDADD)
EXTRA_DIST += tests/sqlvdi/exports.sh tests/sqlvdi/models.sh \
	tests/sqlvdi/sqlcmd.sh

# Linked as the vendor's own sample is: by name, from the library's folder.
models_headers = tests/sqlvdi/client.h tests/sqlvdi/vdi_classes.h
models_sources = tests/sqlvdi/client.cc tests/sqlvdi/models.cc
tests/bin/models: $(models_sources) $(models_headers) libsqlvdi.la
	$(AM_V_at)$(MKDIR_P) tests/bin
	$(AM_V_GEN)$(CXX) -std=c++11 $(CXX_WARN_CFLAGS) $(CXXFLAGS) \
	    $(SANITIZE_CFLAGS) $(COVERAGE_CFLAGS) -o $@ \
	    $(srcdir)/tests/sqlvdi/client.cc $(srcdir)/tests/sqlvdi/models.cc \
	    -L .libs -lsqlvdi -lpthread
EXTRA_DIST += $(models_sources) $(models_headers)
CLEANFILES += tests/bin/models
