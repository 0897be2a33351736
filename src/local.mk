# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += vdibackup
vdibackup_SOURCES = src/main.c
vdibackup_LDADD = libbase.a gl/libgnu.a
