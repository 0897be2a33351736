# SPDX-License-Identifier: Apache-2.0
# The stand-in for the vendor's library. It has copies of the lower layers'
# objects of its own: position-independent, none of their names exported, and
# what it does not use left out by the linker.
if SQLVDI
pkglib_LTLIBRARIES = libsqlvdi.la
endif
libsqlvdi_la_SOURCES = \
	src/sqlvdi/abi.h \
	src/sqlvdi/set.c \
	$(libruntime_a_SOURCES) \
	$(libbase_a_SOURCES)
libsqlvdi_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden \
	-ffunction-sections -fdata-sections
libsqlvdi_la_LDFLAGS = $(AM_LDFLAGS) -avoid-version -no-undefined \
	-Wl,--gc-sections -export-symbols $(srcdir)/src/sqlvdi/exports
libsqlvdi_la_DEPENDENCIES = src/sqlvdi/exports
EXTRA_DIST += src/sqlvdi/exports

# Programs that are built find it without libtool's note about it.
install-exec-hook:
	rm -f $(DESTDIR)$(pkglibdir)/libsqlvdi.la
uninstall-hook:
	rm -f $(DESTDIR)$(pkglibdir)/libsqlvdi.so
