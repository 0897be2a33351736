# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libmeasure.a
libmeasure_a_SOURCES = \
	src/measure/advice.c \
	src/measure/advice.h \
	src/measure/measure.c \
	src/measure/measure.h \
	src/measure/memory.c \
	src/measure/memory.h \
	src/measure/plan.c \
	src/measure/plan.h \
	src/measure/plot.c \
	src/measure/plot.h \
	src/measure/series.c \
	src/measure/series.h \
	src/measure/shot.c \
	src/measure/shot.h
