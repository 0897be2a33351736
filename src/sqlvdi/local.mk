# SPDX-License-Identifier: Apache-2.0
# The stand-in for the vendor's library. It has copies of the lower layers'
# objects of its own: position-independent, none of their names exported, and
# what it does not use left out by the linker.
#
# Without a version in its name, as the vendor's: programs find it by
# -lsqlvdi and by dlopen("libsqlvdi.so"). The SONAME is the same name, so that
# a program needs "libsqlvdi.so" whatever path it was linked by, and the
# loader's path alone decides whether that is the vendor's or this one.
if SQLVDI
pkglib_LTLIBRARIES = libsqlvdi.la
endif
libsqlvdi_la_SOURCES = \
	src/sqlvdi/abi.h \
	src/sqlvdi/device.c \
	src/sqlvdi/device.h \
	src/sqlvdi/door.c \
	src/sqlvdi/door.h \
	src/sqlvdi/permission.c \
	src/sqlvdi/permission.h \
	src/sqlvdi/set.c \
	src/sqlvdi/timeout.h \
	$(libruntime_a_SOURCES) \
	$(libbase_a_SOURCES)
libsqlvdi_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden \
	-ffunction-sections -fdata-sections
libsqlvdi_la_LDFLAGS = $(AM_LDFLAGS) -avoid-version -no-undefined \
	-Wl,--gc-sections \
	-Wl,--version-script=$(srcdir)/src/sqlvdi/exports.map
EXTRA_libsqlvdi_la_DEPENDENCIES = src/sqlvdi/exports.map
EXTRA_DIST += src/sqlvdi/exports.map

# The library is found by path and name; libtool's note about it would only
# draw static dependencies into programs.
install-exec-hook:
	rm -f $(DESTDIR)$(pkglibdir)/libsqlvdi.la
uninstall-hook:
	rm -f $(DESTDIR)$(pkglibdir)/libsqlvdi.so
