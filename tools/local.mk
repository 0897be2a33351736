# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += tools/check tools/coverage tools/demo tools/install-packages \
	tools/compare tools/measure tools/measure.awk tools/profile

# For those who try another client of VDI on the stand-in library.
if SQLVDI
standindir = $(pkglibdir)/stand-in
dist_standin_SCRIPTS = tools/sqlcmd
else
EXTRA_DIST += tools/sqlcmd
endif

# Makes, changes and compares the database of the demonstration and tests.
noinst_PROGRAMS += sample-database
sample_database_SOURCES = tools/sample-database.c
sample_database_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
sample_database_LDADD = libengine.a libbase.a gl/libgnu.a $(SQLITE_LIBS)
