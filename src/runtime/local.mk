# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libruntime.a
libruntime_a_SOURCES = \
	src/runtime/areas.c \
	src/runtime/areas.h \
	src/runtime/classes.h \
	src/runtime/client.c \
	src/runtime/client.h \
	src/runtime/client_device.c \
	src/runtime/client_private.h \
	src/runtime/configure.c \
	src/runtime/configure.h \
	src/runtime/layout.h \
	src/runtime/name.c \
	src/runtime/name.h \
	src/runtime/bufpool.c \
	src/runtime/bufpool.h \
	src/runtime/segment.c \
	src/runtime/segment.h \
	src/runtime/server.c \
	src/runtime/server.h \
	src/runtime/server_agent.c \
	src/runtime/server_buffer.c \
	src/runtime/server_device.c \
	src/runtime/server_private.h \
	src/runtime/vdi.c \
	src/runtime/vdi.h
