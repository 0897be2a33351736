# SPDX-License-Identifier: Apache-2.0
# Rules of the house that a script can see.
house_checks = \
	build-aux/check-calls \
	build-aux/check-docs \
	build-aux/check-layers \
	build-aux/check-licence \
	build-aux/check-scripts \
	build-aux/check-symbols
TESTS += $(house_checks)
EXTRA_DIST += $(house_checks) build-aux/coverage.h
CLEANFILES += check-calls.objects check-symbols.objects
