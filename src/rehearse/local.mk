# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librehearse.a
librehearse_a_SOURCES = \
	src/rehearse/matrix.c \
	src/rehearse/matrix.h \
	src/rehearse/rehearse.c \
	src/rehearse/rehearse.h \
	src/rehearse/trial.c \
	src/rehearse/trial.h \
	src/rehearse/words.c \
	src/rehearse/words.h
