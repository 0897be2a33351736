#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Goal: a short sweep of kills at random moments, and the proof that its looks
# can fail; make check-crash has the long one.
exec "${top_builddir:?run this from make check}/tests/bin/sweep" --runs 26 \
	--self-test
