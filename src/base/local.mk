# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/attr.h \
	src/base/bytes.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/database.c \
	src/base/database.h \
	src/base/error.c \
	src/base/error.h \
	src/base/fault.c \
	src/base/fault.def \
	src/base/fault.h \
	src/base/fault_use.c \
	src/base/fault_use.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/list.c \
	src/base/list.h \
	src/base/num.c \
	src/base/num.h \
	src/base/port/cpu.c \
	src/base/port/cpu.h \
	src/base/port/gate.c \
	src/base/port/gate.h \
	src/base/port/handover.h \
	src/base/port/hint.c \
	src/base/port/hint.h \
	src/base/port/machine.c \
	src/base/port/machine.h \
	src/base/port/sha256.c \
	src/base/port/sha256.h \
	src/base/port/shm.c \
	src/base/port/shm.h \
	src/base/port/shmfork.c \
	src/base/port/shmfork.h \
	src/base/port/shmguard.c \
	src/base/port/shmguard.h \
	src/base/port/use.c \
	src/base/port/use.h \
	src/base/process.c \
	src/base/process.h \
	src/base/str.c \
	src/base/str.h \
	src/base/utf.c \
	src/base/utf.h
